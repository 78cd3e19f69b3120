import { expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { EMPTY } from '../../src/core/any.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { Waiters } from '../../src/operations/waiters.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { heldOperation } from './sample-operation.ts';

const busy = heldOperation({ name: 'operations/busy' });
const done: Operation = {
  ...heldOperation({ name: 'operations/done' }),
  state: 'SUCCEEDED',
  result: { response: EMPTY },
};

function waitersOf(
  records: readonly Operation[],
  damaged: readonly string[] = [],
): { waiters: Waiters; turns: () => number } {
  let turns = 0;
  const waiters = new Waiters({
    read: (names, tell) => {
      for (const name of names)
        if (damaged.includes(name)) tell(name, new StatusError(Code.DATA_LOSS, '', { reason: '' }));
      return Promise.resolve(records.filter(({ name }) => names.includes(name)));
    },
    clock: new FakeClock(),
    nextTurn: async () => {
      turns += 1;
      await settle();
    },
    limits: { waiterCountMax: 1000, releaseSliceSize: 10, backstopChunkSize: 100 },
  });
  return { waiters, turns: () => turns };
}

test('two looks in one turn, the first of which finds nothing, wake the one who waits', async () => {
  const { waiters } = waitersOf([busy, done]);
  const waiting = waiters.park(busy.name, 60_000);
  const { end } = waiters.park(done.name, 60_000);
  void waiters.check(busy.name);
  void waiters.check(done.name);
  await settle();
  expect(waiters.count).toBe(1);
  await expect(end).resolves.toEqual({ operation: done });
  waiting.leave();
});

test('a damaged record ends its own wait only, and keeps no other from being woken', async () => {
  const { waiters } = waitersOf([busy, done], ['operations/damaged']);
  const ends = ['operations/damaged', busy.name, done.name].map((name) => waiters.park(name, 60_000).end);
  await waiters.checkAll();
  await expect(ends[0]).resolves.toBe('over');
  await expect(ends[2]).resolves.toEqual({ operation: done });
  expect(waiters.count).toBe(1);
});

test('waits are released in slices, with a turn of the event loop after each', async () => {
  const { waiters, turns } = waitersOf([done]);
  const waits = Array.from({ length: 35 }, () => waiters.park(done.name, 60_000));
  await waiters.check(done.name);
  await Promise.all(waits.map(({ end }) => end));
  expect(turns()).toBe(4);
});
