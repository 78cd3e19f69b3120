import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyRanges } from '../../../src/transfers/selection/key-ranges.ts';

/** Few bytes, so that prefixes hit, next to each other and to '/', and the last one there is. */
const byte = fc.constantFrom('!', '.', '/', '0', 'a', 'b', '\xff');
const key = fc.string({ unit: byte, maxLength: 6 });
const prefix = fc.string({ unit: byte, minLength: 1, maxLength: 3 });
const prefixes = fc.array(prefix, { maxLength: 6 });

function isNaivelyIn(includes: readonly string[], excludes: readonly string[], each: string): boolean {
  const startsWith = (start: string): boolean => each.startsWith(start);
  return (includes.length === 0 || includes.some(startsWith)) && !excludes.some(startsWith);
}

test('ranges have exactly the keys that a naive filter passes, whatever the prefixes', () => {
  fc.assert(
    fc.property(prefixes, prefixes, fc.array(key, { maxLength: 20 }), (includes, excludes, keys) => {
      const ranges = new KeyRanges(includes, excludes);
      for (const each of keys) expect(ranges.has(each)).toBe(isNaivelyIn(includes, excludes, each));
    }),
    { numRuns: 500 },
  );
});

test('what they do not reach has none of their keys, and what they cover has no other', () => {
  fc.assert(
    fc.property(prefixes, prefixes, key, fc.array(key, { maxLength: 20 }), (includes, excludes, start, rests) => {
      const ranges = new KeyRanges(includes, excludes);
      const within = rests.map((rest) => isNaivelyIn(includes, excludes, start + rest));
      if (!ranges.reaches(start)) expect(within).not.toContain(true);
      if (ranges.covers(start)) expect(within).not.toContain(false);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['a directory on the way to a prefix', 'logs/', true, false],
  ['the root', '', true, false],
  ['a directory within one', 'logs/2026/12/', true, true],
  ['a directory whose name begins so', 'logs/2026-old/', true, true],
  ['one that lies outside', 'data/', false, false],
  ['one that is excluded', 'logs/2026/tmp/', false, false],
  ['one within what is excluded', 'logs/2026/tmp/x/', false, false],
  ['one with something excluded in it', 'logs/2026/', true, false],
])('%s: %j is reached %p, covered %p', (_title, directory, isReached, isCovered) => {
  const ranges = new KeyRanges(['logs/2026'], ['logs/2026/tmp']);
  expect([ranges.reaches(directory), ranges.covers(directory)]).toEqual([isReached, isCovered]);
});
