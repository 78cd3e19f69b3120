import { expect, test } from '@jest/globals';
import { ReadLine } from '../../../src/operations/watch/read-line.ts';
import { TurnShares } from '../../../src/operations/watch/turn-shares.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

/** Shares of 10 ms on a clock that work moves, and turns that a test begins. */
function createShares(): { shares: TurnShares; work: (ms: number) => void; turn: () => Promise<void> } {
  const clock = new FakeClock();
  let nowMs = 0;
  clock.monotonic = () => nowMs;
  let next = Promise.withResolvers<undefined>();
  const shares = new TurnShares({ clock, turnMs: 10, nextTurn: () => next.promise });
  return {
    shares,
    work: (ms) => {
      nowMs += ms;
    },
    turn: async () => {
      const { resolve } = next;
      next = Promise.withResolvers<undefined>();
      resolve(undefined);
      await settle();
    },
  };
}

test('who comes while the share lasts goes on at once', () => {
  const { shares, work } = createShares();
  expect(shares.ready()).toBeUndefined();
  work(9);
  expect(shares.ready()).toBeUndefined();
});

test('who comes later has a turn of the next ones, in the order they came, as many as each has time for', async () => {
  const { shares, work, turn } = createShares();
  const done: number[] = [];
  const each = async (id: number): Promise<void> => {
    const wait = shares.ready();
    if (wait !== undefined) await wait;
    done.push(id);
    work(5);
  };
  const all = Promise.all([1, 2, 3, 4, 5].map(each));
  await settle();
  expect(done).toEqual([1, 2]);
  await turn();
  expect(done).toEqual([1, 2, 3, 4]);
  await turn();
  expect(done).toEqual([1, 2, 3, 4, 5]);
  await all;
});

test('nobody goes before those who wait', async () => {
  const { shares, work, turn } = createShares();
  expect(shares.ready()).toBeUndefined();
  work(10);
  const done: string[] = [];
  const first = shares.ready()?.then(() => done.push('first'));
  await settle();
  const second = shares.ready()?.then(() => done.push('second'));
  await turn();
  await Promise.all([first, second]);
  expect(done).toEqual(['first', 'second']);
});

test('a line lets so many work at a time, in order, and those who leave it keep nobody', async () => {
  const line = new ReadLine(1);
  const begun: number[] = [];
  const holders = [1, 2, 3].map((id) => ({ id, leave: new AbortController(), ...Promise.withResolvers<undefined>() }));
  const runs = holders.map(({ id, leave, promise }) =>
    line.run(() => {
      begun.push(id);
      return promise;
    }, leave.signal),
  );
  await settle();
  expect(begun).toEqual([1]);
  holders[1]?.leave.abort(new Error('left'));
  await expect(runs[1]).rejects.toThrow('left');
  holders[0]?.resolve(undefined);
  await settle();
  expect(begun).toEqual([1, 3]);
});

test('a line goes on when work fails', async () => {
  const line = new ReadLine(1);
  const { signal } = new AbortController();
  await expect(line.run(() => Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  expect(await line.run(() => Promise.resolve('done'), signal)).toBe('done');
});
