import { beforeEach, describe, expect, test } from '@jest/globals';
import { UntakenMessages } from '../../../src/operations/watch/untaken-messages.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

const STOPPED = new Error('stopped');

let clock = new FakeClock();
let stopping = new AbortController();
let room = newRoom();
/** Readers that were cut off, in this order. */
let cut: string[] = [];
/** What has been made, in this order. */
let made: string[] = [];

/** Room for 100 bytes; those of up to 10 need none. */
function newRoom(): UntakenMessages {
  const limits = { untakenBytesMax: 100, smallMessageBytes: 10, untakenMaxMs: 5000 };
  return new UntakenMessages({ limits, clock, stopping: stopping.signal });
}

beforeEach(() => {
  clock = new FakeClock();
  stopping = new AbortController();
  room = newRoom();
  cut = [];
  made = [];
});

interface Asked {
  readonly leave: Promise<() => void>;
  /** Whether it has been given room, once all has settled. */
  isPlaced(): Promise<boolean>;
}

function place(name: string, bytes: number, signal = new AbortController().signal): Asked {
  let isPlaced = false;
  const make = (): Promise<number> => {
    made.push(name);
    return Promise.resolve(bytes);
  };
  const leave = room
    .place(make, (size) => size, { signal, cutOff: () => cut.push(name) })
    .then((placed) => {
      isPlaced = true;
      return placed.leave;
    });
  leave.catch(() => undefined);
  return {
    leave,
    isPlaced: async () => {
      await settle();
      return isPlaced;
    },
  };
}

test('gives room for so many bytes, and what waits its turn in the order it came', async () => {
  const [first, second, third, fourth] = [place('a', 60), place('b', 40), place('c', 60), place('d', 20)];
  expect(await Promise.all([first, second, third, fourth].map((it) => it.isPlaced()))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  // There is room for d, but c came first.
  (await second.leave)();
  expect([await third.isPlaced(), await fourth.isPlaced()]).toEqual([false, false]);
  (await first.leave)();
  expect([await third.isPlaced(), await fourth.isPlaced()]).toEqual([true, true]);
});

test('makes anew what had to wait, so that nothing of it is held meanwhile', async () => {
  const first = place('a', 100);
  const second = place('b', 100);
  await second.isPlaced();
  expect(made).toEqual(['a', 'b']);
  (await first.leave)();
  expect([await second.isPlaced(), made]).toEqual([true, ['a', 'b', 'b']]);
});

test('lets small ones through, and one alone that is larger than all the room', async () => {
  const large = place('a', 1000);
  expect([await large.isPlaced(), await place('b', 11).isPlaced(), await place('c', 10).isPlaced()]).toEqual([
    true,
    false,
    true,
  ]);
});

test('gives room back once, however often it is left', async () => {
  const first = place('a', 100);
  const leave = await first.leave;
  leave();
  leave();
  expect([await place('b', 100).isPlaced(), await place('c', 100).isPlaced()]).toEqual([true, false]);
});

test('a wait ends with its signal, and those behind it go on', async () => {
  place('a', 60);
  const leaving = new AbortController();
  const large = place('b', 60, leaving.signal);
  const small = place('c', 40);
  expect(await small.isPlaced()).toBe(false);
  leaving.abort(new Error('left'));
  await expect(large.leave).rejects.toThrow('left');
  expect(await small.isPlaced()).toBe(true);
});

test('a wait ends with the stop', async () => {
  place('a', 100);
  const waiting = place('b', 100);
  await waiting.isPlaced();
  stopping.abort(STOPPED);
  await expect(waiting.leave).rejects.toBe(STOPPED);
});

test('what cannot be made anew leaves its room', async () => {
  const first = place('a', 100);
  let count = 0;
  const make = (): Promise<number> => (++count === 1 ? Promise.resolve(100) : Promise.reject(new Error('gone')));
  const signal = new AbortController().signal;
  const broken = room.place(make, (size) => size, { signal, cutOff: () => undefined });
  const third = place('c', 100);
  expect(await third.isPlaced()).toBe(false);
  (await first.leave)();
  await expect(broken).rejects.toThrow('gone');
  expect(await third.isPlaced()).toBe(true);
});

describe('a reader that takes nothing', () => {
  test('is cut off once others have waited while it stood too long, the one that stood longest first', async () => {
    place('a', 50);
    await clock.advance(1000);
    place('b', 50);
    const waiting = [place('c', 50), place('d', 50)];
    await clock.advance(3999);
    expect(cut).toEqual([]);
    await clock.advance(1);
    expect([cut, await waiting[0]?.isPlaced(), await waiting[1]?.isPlaced()]).toEqual([['a'], true, false]);
    await clock.advance(1000);
    expect([cut, await waiting[1]?.isPlaced()]).toEqual([['a', 'b'], true]);
  });

  test('is left alone while nobody waits, and no timer runs', async () => {
    place('a', 100);
    const leaving = new AbortController();
    const waiting = place('b', 100, leaving.signal);
    await waiting.isPlaced();
    expect(clock.sleeperCount).toBe(1);
    leaving.abort(new Error('left'));
    expect([await waiting.isPlaced(), clock.sleeperCount]).toEqual([false, 0]);
    await clock.advance(60_000);
    expect(cut).toEqual([]);
  });
});
