import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { settle } from '../../support/fake-clock.ts';
import { CUT_OFF, WatchHarness, type WatchReader } from './watch-harness.ts';

let watches: WatchHarness;

beforeEach(() => {
  watches = new WatchHarness();
});

afterEach(async () => {
  await watches.stop();
});

const PARENT = { parent: 'operations' };
/** Those of one team. */
const TEAM = { ...PARENT, filter: 'labels.team = "x"' };
const team = (name: string, priority = 0): object => ({ labels: { team: name }, priority });

describe('a watch whose reader stands still', () => {
  test('holds no state: what it has not told is told as it is when the reader goes on', async () => {
    watches = new WatchHarness({ firstReadCount: 2, heldBytesMax: 100 });
    for (let id = 0; id < 9; id++) await watches.add(`o${id}`, { createTimeMs: 1000 - id });
    const reader = watches.watch(PARENT);
    await reader.take(1);
    await watches.set('o8', { priority: 7 });
    expect(await reader.until('synced')).toContain('o8 7');
  });

  test.each([
    ['a first telling', PARENT, 0],
    ['a change', PARENT, 2],
    ['one operation', { name: 'operations/a' }, 0],
    ['a change of one operation', { name: 'operations/a' }, 2],
  ])('is cut off when others wait for the room of what it was told: %s', async (_what, request, toldCount) => {
    watches = new WatchHarness({ untakenBytesMax: 1, smallMessageBytes: toldCount > 0 ? 1000 : 0, untakenMaxMs: 5000 });
    await watches.add('a');
    const [idle, other] = [watches.watch(request), watches.watch(request)];
    expect(await idle.take(toldCount)).toEqual(['a 0', 'synced'].slice(0, toldCount));
    expect(await other.take(toldCount)).toHaveLength(toldCount);
    if (toldCount > 0) {
      await watches.set('a', { priority: 1, labels: { large: 'x'.repeat(2000) } });
    }
    const told = `a ${toldCount > 0 ? '1' : '0'}`;
    expect(await idle.take(1)).toEqual([told]);
    const waiting = other.take(1);
    await watches.clock.advance(5000);
    expect(await waiting).toEqual([told]);
    await expect(idle.until('its end')).rejects.toBe(CUT_OFF);
  });

  test('is told all there is when it takes many reads, as records are large', async () => {
    watches = new WatchHarness({ readBytesMax: 1 });
    for (let id = 0; id < 9; id++) await watches.add(`o${id}`, { encoded: new Uint8Array(10) });
    expect(await watches.watch(PARENT).until('synced')).toHaveLength(10);
  });

  test('is told all that has changed, from what is remembered for everybody', async () => {
    watches = new WatchHarness({ pendingCountMax: 2 });
    const reader = watches.watch(PARENT);
    await reader.until('synced');
    for (let id = 0; id < 20; id++) await watches.add(`o${id}`);
    await settle();
    expect(await reader.take(20)).toEqual(Array.from({ length: 20 }, (_, id) => `o${id} 0`));
  });

  test('begins anew when that is forgotten too', async () => {
    watches = new WatchHarness({ pendingCountMax: 2, changeLogCountMax: 5 });
    const reader = watches.watch(PARENT);
    await reader.until('synced');
    for (let id = 0; id < 20; id++) {
      await watches.add(`o${id}`);
      await settle();
    }
    const told = await reader.until('synced');
    expect(told[0]).toBe('reset');
    expect(told).toHaveLength(22);
  });
});

describe('a cursor', () => {
  const leftAt = async (reader: WatchReader, count: number): Promise<string> => {
    let cursor = '';
    for (let index = 0; index < count; index++) ({ cursor } = await reader.next());
    await reader.leave();
    return cursor;
  };

  test('never passes a change that was not told, whatever comes while it goes on from another', async () => {
    const first = await leftAt(watches.watch(PARENT), 1);
    // Noted, and not offered yet, when the watch comes back: it is told all the same.
    const release = watches.holdOffers();
    const other = watches.watch({ ...PARENT, filter: 'done = false' });
    await other.until('synced');
    await watches.add('a');
    await watches.add('b');
    await settle();
    const reader = watches.watch({ ...PARENT, cursor: first });
    expect(await reader.take(1)).toEqual(['a 0']);
    release();
    await settle();
    const second = await leftAt(reader, 1);
    expect(await watches.watch({ ...PARENT, cursor: second }).take(1)).toEqual(['synced']);
  });

  test('of before hints were lost is void, also one that is told after that', async () => {
    watches = new WatchHarness({ encodedBytesMax: 1 });
    const reader = watches.watch(PARENT);
    await reader.until('synced');
    for (let id = 0; id < 5; id++) await watches.add(`o${id}`);
    const release = watches.holdReads();
    const next = reader.next();
    await settle();
    watches.loseHints();
    await settle();
    release();
    const { cursor } = await next;
    await reader.leave();
    for (let id = 5; id < 15; id++) await watches.add(`o${id}`);
    await settle();
    const told = await watches.watch({ ...PARENT, cursor }).until('synced');
    expect(told[0]).toBe('reset');
    expect(told).toHaveLength(17);
  });

  test('is told by no watch once hints were lost until that begins anew, however many are to be told of it', async () => {
    watches = new WatchHarness({ turnMs: 20 });
    watches.clock.tickMs = 1;
    const readers = Array.from({ length: 200 }, () => watches.watch(PARENT));
    for (const reader of readers) await reader.until('synced');
    const next = readers.map((reader) => reader.take(1));
    watches.loseHints();
    // The first of them are quiet for long enough before the hub comes to the last.
    await watches.clock.advance(15_000);
    expect(await Promise.all(next)).toEqual(readers.map(() => ['reset']));
  });

  test('of a reader that was slow loses no final state when the process has ended meanwhile', async () => {
    watches = new WatchHarness({ encodedBytesMax: 1 });
    const request = { ...PARENT, filter: 'state = "QUEUED"' };
    await watches.add('a', { createTimeMs: 2 });
    await watches.add('b', { createTimeMs: 1 });
    const reader = watches.watch(request);
    await reader.until('synced');
    await watches.set('a', { priority: 1 });
    await settle();
    await watches.set('b', { state: 'SUCCEEDED', endTimeMs: watches.clock.now() });
    await settle();
    await watches.clock.advance(3_600_000);
    const { cursor } = await reader.next();
    await watches.restart();
    expect(await watches.watch({ ...request, cursor }).until('synced')).toEqual([
      'reset',
      'a 1',
      'b removed',
      'synced',
    ]);
  });
});

test('what has ended is read some bytes at once for who comes back to another process', async () => {
  watches = new WatchHarness({ readBytesMax: 15 });
  const request = { ...PARENT, filter: 'state = "QUEUED"' };
  const reader = watches.watch(request);
  const { cursor } = await reader.next();
  for (let id = 0; id < 5; id++) {
    await watches.add(`o${id}`, { state: 'FAILED', endTimeMs: watches.clock.now(), encoded: new Uint8Array(10) });
  }
  await watches.restart();
  const counts: number[] = [];
  const { index } = watches.database;
  const ended = index.ended.bind(index);
  index.ended = async (query) => {
    const found = await ended(query);
    counts.push(found.length);
    return found;
  };
  const told = await watches.watch({ ...request, cursor }).until('synced');
  expect(told.filter((it) => it.endsWith('removed'))).toHaveLength(5);
  expect(counts).toEqual([2, 2, 1]);
});

describe('what a filter leaves out', () => {
  test('is told of to who has just been told that it is there', async () => {
    await watches.add('a', team('y'));
    const first = watches.watch(TEAM);
    await first.until('synced');
    await watches.set('a', team('z'));
    expect(await first.take(1)).toEqual(['a removed']);
    // Both changes come as one, and between them somebody else has read the record.
    const release = watches.holdOffers();
    await watches.set('a', team('x'));
    const second = watches.watch(TEAM);
    expect(await second.until('synced')).toEqual(['a 0', 'synced']);
    await watches.set('a', team('z'));
    release();
    expect(await second.take(1)).toEqual(['a removed']);
  });

  test('is told of where another operation had its name', async () => {
    await watches.add('a', team('x'));
    const reader = watches.watch(TEAM);
    await reader.until('synced');
    await watches.set('a', { deleted: true, state: 'CANCELLED', endTimeMs: 1 });
    await watches.add('a', team('y'));
    expect(await reader.take(1)).toEqual(['a removed']);
  });

  test('is remembered for so many names over all filters, and told again beyond', async () => {
    watches = new WatchHarness({ outsideCountMax: 2 });
    const readers = ['x', 'y'].map((name) => watches.watch({ ...PARENT, filter: `labels.team = "${name}"` }));
    for (const reader of readers) await reader.until('synced');
    for (const id of ['a', 'b', 'a', 'b']) {
      if ((await watches.database.operations.get(`operations/${id}`)) === undefined) await watches.add(id);
      else await watches.set(id, { priority: 1 });
      await settle();
    }
    for (const reader of readers) expect(await reader.take(2)).toEqual(['a removed', 'b removed']);
  });
});

describe('a collection', () => {
  const transfers = (project: string): object => ({
    parent: 'transferOperations',
    filter: `{"projectId":"${project}"}`,
  });
  const transferOf = (project: string): object => ({
    name: 'transferOperations/1',
    surface: 'storagetransfer',
    collection: project,
  });

  test('is told of no name of another one, as it comes or as somebody comes back', async () => {
    const [own, other] = ['p', 'q'].map((project) => watches.watch(transfers(project)));
    await own?.until('synced');
    const { cursor } = (await other?.next()) ?? {};
    await watches.add('', transferOf('p'));
    expect(await own?.take(1)).toEqual(['1 0']);
    const expireTimeMs = watches.clock.now();
    await watches.database.operations.update('transferOperations/1', (it) => ({
      ...it,
      ...{ state: 'SUCCEEDED', endTimeMs: 1, expireTimeMs },
    }));
    expect(await own?.take(1)).toEqual(['1 0']);
    expect(await watches.database.operations.purge(10)).toBe(1);
    expect(await own?.take(1)).toEqual(['1 removed']);
    const next = other?.take(1);
    await watches.clock.advance(15_000);
    expect(await next).toEqual(['heartbeat']);
    expect(await watches.watch({ ...transfers('q'), cursor: cursor ?? '' }).take(1)).toEqual(['synced']);
  });

  test('is told of no name of another one that the repository says nothing of', async () => {
    const own = watches.watch(PARENT);
    const other = watches.watch(transfers('p'));
    const { cursor } = await other.next();
    await own.until('synced');
    watches.hint('operations/gone');
    watches.hint('transferOperations/gone');
    expect(await own.take(1)).toEqual(['gone removed']);
    expect(await watches.watch({ ...transfers('p'), cursor }).take(1)).toEqual(['synced']);
  });
});

describe('a record that cannot be read', () => {
  const damage = (name: string): void => {
    const { operations } = watches.database;
    const { peek, get, getMany } = operations;
    const refuse = (names: readonly string[]): void => {
      if (!names.includes(name)) return;
      throw new StatusError(Code.DATA_LOSS, 'damaged', { reason: 'STORAGE_CORRUPT', metadata: { operation: name } });
    };
    operations.peek = (each) => (each === name ? undefined : peek.call(operations, each));
    operations.get = async (each) => {
      refuse([each]);
      return get.call(operations, each);
    };
    operations.getMany = async (names) => {
      refuse(names);
      return getMany.call(operations, names);
    };
  };

  test('keeps no other from being told, and is logged once', async () => {
    for (const id of ['a', 'b', 'c']) await watches.add(id);
    const reader = watches.watch(PARENT);
    const { cursor } = await lastOf(reader, 4);
    damage('operations/b');
    for (const priority of [1, 2]) {
      for (const id of ['a', 'b', 'c']) await watches.set(id, { priority });
      expect(await reader.take(2)).toEqual([`a ${priority}`, `c ${priority}`]);
    }
    expect(await watches.watch({ ...PARENT, cursor }).take(3)).toEqual(['a 2', 'c 2', 'synced']);
    const logged = watches.logger.records.map(({ level, fields }) => [level, fields['operation']]);
    expect(logged).toEqual([['error', 'operations/b']]);
  });

  test('is told to who watches it alone', async () => {
    await watches.add('a');
    const reader = watches.watch({ name: 'operations/a' });
    await reader.until('synced');
    damage('operations/a');
    await watches.set('a', { priority: 1 });
    await expect(reader.next()).rejects.toMatchObject({ info: { reason: 'STORAGE_CORRUPT' } });
  });

  test('is not what a storage that fails is taken for: all is told when it is back', async () => {
    const reader = watches.watch(PARENT);
    await reader.until('synced');
    const { operations } = watches.database;
    const { getMany } = operations;
    operations.getMany = () =>
      Promise.reject(new StatusError(Code.UNAVAILABLE, 'away', { reason: 'STORAGE_UNAVAILABLE' }));
    await watches.add('a');
    await watches.clock.advance(60_000);
    operations.getMany = getMany;
    await watches.clock.advance(10_000);
    expect((await reader.until('a 0')).filter((it) => it !== 'heartbeat')).toEqual(['a 0']);
    // 1, 2, 4, 8, and then every 10 seconds.
    expect(watches.logger.ofLevel('warn').length).toBeLessThan(11);
  });
});

test('one operation is encoded once for all who watch it, and each is told its final state', async () => {
  await watches.add('a');
  const readers = Array.from({ length: 30 }, () => watches.watch({ name: 'operations/a' }));
  for (const reader of readers) expect(await reader.until('synced')).toEqual(['a 0', 'synced']);
  const before = watches.encodedCount;
  await watches.set('a', { state: 'SUCCEEDED', endTimeMs: 1, priority: 3 });
  for (const reader of readers) expect(await reader.take(1)).toEqual(['a 3']);
  expect(watches.encodedCount - before).toBe(1);
});

test('a change goes to many watches over several turns, in order, and others have theirs between', async () => {
  watches = new WatchHarness({ turnMs: 20 });
  watches.clock.tickMs = 1;
  const readers = Array.from({ length: 100 }, () => watches.watch(PARENT));
  for (const reader of readers) await reader.until('synced');
  const turnsBefore = watches.turnCount;
  await watches.add('a');
  await watches.add('b');
  const told = await Promise.all(readers.map((reader) => reader.take(2)));
  expect(told).toEqual(readers.map(() => ['a 0', 'b 0']));
  expect(watches.turnCount - turnsBefore).toBeGreaterThan(10);
});

async function lastOf(reader: WatchReader, count: number): Promise<{ readonly cursor: string }> {
  let last = { cursor: '' };
  for (let index = 0; index < count; index++) last = await reader.next();
  return last;
}
