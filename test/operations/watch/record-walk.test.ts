import { expect, test } from '@jest/globals';
import { DEFAULT_WATCH_LIMITS, type WatchLimits } from '../../../src/operations/watch/limits.ts';
import { ReadLine } from '../../../src/operations/watch/read-line.ts';
import { walkRecords } from '../../../src/operations/watch/record-walk.ts';
import { TurnShares } from '../../../src/operations/watch/turn-shares.ts';
import { UntakenMessages } from '../../../src/operations/watch/untaken-messages.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { sampleOperation } from '../sample-operation.ts';

const NEVER = new AbortController().signal;

interface Walk {
  readonly steps: readonly (readonly number[])[];
  readonly limits: readonly number[];
}

/** Walks over records that are told by messages of so many bytes; 0 = not at all. */
async function walk(sizes: readonly number[], limits: Partial<WatchLimits>): Promise<Walk> {
  const clock = new FakeClock();
  const records = sizes.map((_, index) => sampleOperation({ priority: index }));
  const asked: number[] = [];
  const all = { ...DEFAULT_WATCH_LIMITS, ...limits };
  const nextTurn = (): Promise<void> => Promise.resolve();
  const steps: (readonly number[])[] = [];
  const messages = walkRecords({
    source: {
      limits: all,
      turns: new TurnShares({ clock, nextTurn, turnMs: all.turnMs }),
      readLine: new ReadLine(all.readerCountMax),
      untaken: new UntakenMessages({ limits: all, clock, stopping: NEVER }),
    },
    clock,
    signal: NEVER,
    cutOff: () => undefined,
    start: undefined,
    read: (after: number | undefined, limit) => {
      asked.push(limit);
      const page = records.slice((after ?? -1) + 1).slice(0, limit);
      return Promise.resolve({ records: page, isLast: page.length < limit });
    },
    positionOf: ({ priority }) => priority,
    encode: ({ priority }) => (sizes[priority] === 0 ? undefined : new Uint8Array(sizes[priority] ?? 0)),
  });
  for await (const some of messages) steps.push(some.map(({ byteLength }) => byteLength));
  return { steps, limits: asked };
}

test('small records are read in pages that grow', async () => {
  const { steps, limits } = await walk(Array(100).fill(1), { firstReadCount: 8, readCountMax: 32 });
  expect(limits).toEqual([8, 16, 32, 32, 32]);
  expect(steps.flat()).toHaveLength(100);
});

test('no step holds more than its bytes and one message, and the next pages are as small', async () => {
  const { steps, limits } = await walk(Array(20).fill(100), { firstReadCount: 16, heldBytesMax: 250 });
  for (const step of steps) expect(step.length).toBeLessThanOrEqual(3);
  expect(limits.slice(0, 3)).toEqual([16, 3, 6]);
  expect(steps.flat()).toHaveLength(20);
});

test('a message that is larger than all that may be held goes alone', async () => {
  const { steps } = await walk([1, 1000, 1, 1], { heldBytesMax: 10 });
  expect(steps.flat()).toEqual([1, 1000, 1, 1]);
});

test('records that are not told are passed by, a whole page of them too', async () => {
  const { steps } = await walk([0, 0, 0, 0, 5], { firstReadCount: 2, readCountMax: 2 });
  expect(steps.flat()).toEqual([5]);
});

test('an empty collection is one page', async () => {
  expect(await walk([], {})).toEqual({ steps: [[]], limits: [16] });
});
