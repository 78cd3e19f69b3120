import { beforeEach, expect, test } from '@jest/globals';
import { ByteRate } from '../../../src/stores/decorators/byte-rate.ts';
import { throttlingStore } from '../../../src/stores/decorators/throttling-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FlakyStore, text, textOf } from './flaky-store.ts';

const never = new AbortController().signal;

let clock: FakeClock;
let shared: SharedArrayBuffer;
const rateOf = (): ByteRate =>
  new ByteRate({
    clock,
    shared,
    rateLookMaxMs: 250,
    rateBurstMs: 100,
    nowUs: () => BigInt(Math.round(clock.monotonic() * 1000)) + 1n,
  });

beforeEach(() => {
  clock = new FakeClock();
  shared = new SharedArrayBuffer(ByteRate.SIZE_BYTES);
});

/** When each of these takes is granted, milliseconds. */
function times(rate: ByteRate, takes: readonly number[]): number[] {
  const granted: number[] = [];
  for (const [index, bytes] of takes.entries()) {
    void (rate.take(bytes, never) ?? Promise.resolve()).then(() => (granted[index] = clock.monotonic()));
  }
  return granted;
}

test('without a limit nothing waits', () => {
  expect(rateOf().take(1e12, never)).toBeUndefined();
});

test('takers go in turn, at the rate', async () => {
  const rate = rateOf();
  rate.setRate(1000);
  const granted = times(rate, [1000, 500, 1500]);
  await clock.advance(10_000);
  expect(granted).toEqual([1000, 1500, 3000]);
});

test('the rate is shared by all who have the memory', async () => {
  rateOf().setRate(1000);
  const granted = [times(rateOf(), [1000]), times(rateOf(), [1000])];
  await clock.advance(10_000);
  expect(granted).toEqual([[1000], [2000]]);
});

test('a time without traffic is not made up for, but for a moment', async () => {
  const rate = rateOf();
  rate.setRate(1000);
  await clock.advance(60_000);
  expect(rate.take(100, never)).toBeUndefined();
  const granted = times(rate, [1000]);
  await clock.advance(10_000);
  expect(granted).toEqual([61_000]);
});

test.each([
  ['higher', 100_000],
  ['none', Infinity],
])('a %s limit reaches who waits already within a second', async (_, bytesPerSecond) => {
  const rate = rateOf();
  rate.setRate(1);
  const granted = times(rate, [10_000]);
  await clock.advance(5000);
  expect(granted).toEqual([]);
  rate.setRate(bytesPerSecond);
  await clock.advance(1000);
  expect(granted).toHaveLength(1);
});

test('a lower limit holds for those who come later, and nothing is owed for what passed without one', async () => {
  const rate = rateOf();
  rate.setRate(1);
  times(rate, [10_000]);
  rate.setRate(0);
  await clock.advance(1000);
  rate.setRate(1000);
  const granted = times(rate, [1000]);
  await clock.advance(10_000);
  expect(granted).toEqual([2000]);
});

test('a thread that blocks waits as others do, notices a new limit, and leaves when it is stopped', () => {
  let us = 1n;
  const limits = { rateLookMaxMs: 250, rateBurstMs: 100 };
  const rate = new ByteRate({ clock, shared, ...limits, nowUs: () => us });
  const pauses: number[] = [];
  const take = (bytes: number, onPause: () => boolean = () => false): void => {
    let isStopped = false;
    const pause = (ms: number): void => {
      pauses.push(ms);
      us += BigInt(ms) * 1000n;
      isStopped = onPause();
    };
    rate.takeBlocking(bytes, pause, () => isStopped);
  };

  take(1e9);
  rate.setRate(1000);
  take(600);
  expect(pauses).toEqual([250, 250, 100]);
  take(1000, () => {
    rate.setRate(Infinity);
    return false;
  });
  expect(pauses).toEqual([250, 250, 100, 250]);
  rate.setRate(1);
  take(1000, () => true);
  expect(pauses).toEqual([250, 250, 100, 250, 250]);
});

test('an abort ends the wait', async () => {
  const rate = rateOf();
  rate.setRate(1);
  const abort = new AbortController();
  const waiting = rate.take(1000, abort.signal);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(clock.sleeperCount).toBe(0);
});

test('a store holds bytes in both directions to it', async () => {
  const rate = rateOf();
  rate.setRate(1000);
  const store = throttlingStore(new FlakyStore(), rate);
  const ends: number[] = [];
  const moving = (async () => {
    await store.write('k', text('x'.repeat(500), 'y'.repeat(500)), { modifyTimeMs: 0, signal: never });
    ends.push(clock.monotonic());
    await textOf(store.read('k', { signal: never }));
    ends.push(clock.monotonic());
    const upload = await store.uploads?.begin('p', { modifyTimeMs: 0, sizeBytes: 1000, signal: never });
    if (upload === undefined) throw new Error('no uploads');
    await store.uploads?.putPart(upload, { index: 0, offsetBytes: 0, bytes: Buffer.alloc(1000) }, never);
    ends.push(clock.monotonic());
  })();
  await clock.advance(10_000);
  await moving;
  expect(ends).toEqual([1000, 2000, 3000]);
});
