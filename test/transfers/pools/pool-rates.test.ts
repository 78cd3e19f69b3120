import { expect, test } from '@jest/globals';
import { PoolRates } from '../../../src/transfers/pools/pool-rates.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';

const POOL = 'projects/p/agentPools/a';

test('a pool’s rate follows its limit within a second, and stays while the limit cannot be read', async () => {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const stop = new AbortController();
  const seen: number[] = [];
  let limit: () => Promise<number> = () => Promise.resolve(Infinity);
  const rates = new PoolRates({
    limits: { bytesPerSecondOf: () => limit() },
    rates: new Map([[POOL, { setRate: (bytesPerSecond) => void seen.push(bytesPerSecond) }]]),
    clock,
    logger,
    intervalMs: 500,
  });

  const running = rates.run(stop.signal);
  await clock.advance(400);
  limit = () => Promise.resolve(1_000_000);
  await clock.advance(500);
  limit = () => Promise.reject(new Error('no disk'));
  await clock.advance(500);
  stop.abort();
  await running;

  expect(seen).toEqual([Infinity, 1_000_000]);
  expect(logger.ofLevel('warn')).toHaveLength(1);
  expect(clock.sleeperCount).toBe(0);
});
