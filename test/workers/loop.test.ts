import { expect, test } from '@jest/globals';
import { Loop } from '../../src/workers/loop.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

function startLoop(round: (signal: AbortSignal) => Promise<number | undefined>): { loop: Loop; clock: FakeClock } {
  const clock = new FakeClock();
  const backoff = { initialMs: 100, maxMs: 1000 };
  const loop = new Loop({
    name: 'test',
    intervalMs: 1000,
    clock,
    logger: new RecordingLogger(),
    backoff,
    random: () => 0.5,
    round,
  });
  loop.start();
  return { loop, clock };
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
