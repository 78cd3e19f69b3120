import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ChangeLog } from '../../../src/operations/watch/change-log.ts';

const namesSince = (log: ChangeLog, number: number, limit = 1_000): readonly string[] | undefined =>
  log.since(number, limit)?.map(({ name }) => name);

test('tells the latest change of each name after a number, in order, a page at a time', () => {
  const log = new ChangeLog(10);
  for (const name of ['a', 'b', 'c', 'a', 'd']) log.note({ name }, 0);
  expect(namesSince(log, 0)).toEqual(['b', 'c', 'a', 'd']);
  expect(namesSince(log, 0, 2)).toEqual(['b', 'c']);
  expect(namesSince(log, 3, 2)).toEqual(['a', 'd']);
  expect(namesSince(log, 5)).toEqual([]);
});

test('knows nothing of numbers that are still to come, nor since one that is forgotten', () => {
  const log = new ChangeLog(2);
  for (const name of ['a', 'b', 'c']) log.note({ name }, 0);
  expect(log.since(4, 1)).toBeUndefined();
  expect(log.since(0, 1)).toBeUndefined();
  expect(namesSince(log, 1)).toEqual(['b', 'c']);
});

test('that has forgotten all knows nothing since any number before, and goes on counting', () => {
  const log = new ChangeLog(10);
  const { number } = log.note({ name: 'a' }, 0);
  log.forgetAll();
  expect(log.since(number, 1)).toBeUndefined();
  expect(namesSince(log, log.last)).toEqual([]);
  expect(log.note({ name: 'b' }, 0).number).toBeGreaterThan(number);
});

test('keeps where an operation is listed when a later hint does not say so, and whether its name is new', () => {
  const log = new ChangeLog(10);
  expect(log.note({ name: 'a', surface: 's', collection: 'c' }, 5)).toMatchObject({ isNew: true, timeMs: 5 });
  expect(log.note({ name: 'a' }, 6)).toMatchObject({ isNew: false, home: { surface: 's', collection: 'c' } });
});

test('is what a list of all changes says, whatever comes in whatever order', () => {
  const notes = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 200 });
  fc.assert(
    fc.property(notes, fc.integer({ min: 1, max: 8 }), fc.nat(200), (names, countMax, from) => {
      const log = new ChangeLog(countMax);
      for (const name of names) log.note({ name: String(name) }, 0);
      const latest = new Map<string, number>();
      for (const [index, name] of names.entries()) {
        latest.delete(String(name));
        latest.set(String(name), index + 1);
      }
      const kept = [...latest].slice(-countMax);
      // Since the oldest that is kept, and since the one before it.
      const start = latest.size > countMax ? (kept[0]?.[1] ?? 0) : 0;
      const since = log.since(from, 1_000);
      if (from > names.length) expect(since).toBeUndefined();
      if (from >= start && from <= names.length) {
        expect(since?.map(({ name, number }) => [name, number])).toEqual(kept.filter(([, number]) => number > from));
      }
    }),
  );
});
