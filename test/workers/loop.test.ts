import { expect, test } from '@jest/globals';
import { Loop } from '../../src/workers/loop.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

interface Started {
  readonly loop: Loop;
  readonly clock: FakeClock;
  readonly logger: RecordingLogger;
}

function startLoop(round: (signal: AbortSignal) => Promise<number | undefined>): Started {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const backoff = { initialMs: 100, maxMs: 1000 };
  const loop = new Loop({
    name: 'test',
    intervalMs: 1000,
    clock,
    logger,
    backoff,
    faultLogIntervalMs: 10_000,
    random: () => 0.5,
    round,
  });
  loop.start();
  return { loop, clock, logger };
}

test('a loop that turns says when it last did', async () => {
  const { loop, clock } = startLoop(() => Promise.resolve(undefined));
  await clock.advance(10_400);
  expect(loop.health()).toMatchObject({ inRound: false, stopped: false, sinceTurnMs: 400 });
});

test('a round that does not end is told from a loop that does not turn', async () => {
  const { loop, clock } = startLoop(() => new Promise(() => undefined));
  await clock.advance(10_000);
  expect(loop.health()).toMatchObject({ inRound: true, sinceTurnMs: 10_000 });
});

test('a loop that was stopped says so', async () => {
  const { loop } = startLoop(() => Promise.resolve(undefined));
  await loop.stop();
  expect(loop.health()).toMatchObject({ stopped: true });
});

test('rounds that fail are counted until one succeeds', async () => {
  let failures = 2;
  const { loop, clock } = startLoop(() =>
    failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve(undefined),
  );
  await clock.advance(0);
  expect(loop.health().failureCount).toBe(1);
  await clock.advance(500);
  expect(loop.health().failureCount).toBe(0);
});

test('what wakes a loop does not shorten its rest after a round that failed', async () => {
  let rounds = 0;
  const { loop, clock } = startLoop(() => {
    rounds += 1;
    return Promise.reject(new Error('away'));
  });
  await clock.advance(0);
  for (let hint = 0; hint < 100; hint++) {
    loop.wake();
    await clock.advance(0);
  }
  expect(rounds).toBe(1);
  await loop.stop();
});

test('a loop that was woken in such a rest turns at its end', async () => {
  let failures = 1;
  let rounds = 0;
  const { loop, clock } = startLoop(() => {
    rounds += 1;
    return failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve(undefined);
  });
  await clock.advance(0);
  loop.wake();
  await clock.advance(100);
  expect(rounds).toBe(2);
});

test('a storage that stays away is told of once in a while', async () => {
  const { clock, logger } = startLoop(() => Promise.reject(new Error('away')));
  await clock.advance(25_000);
  expect(logger.ofLevel('warn')).toHaveLength(3);
});
