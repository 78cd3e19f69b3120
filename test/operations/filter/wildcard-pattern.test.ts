import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Characters } from '../../../src/operations/filter/filter-reader.ts';
import { WildcardPattern } from '../../../src/operations/filter/wildcard-pattern.ts';

const SEED = Number(process.env['FC_SEED'] ?? 20_260_160);

test.each([
  ['*.foo', 'a.foo', true],
  ['*.foo', 'a.foo.b', false],
  ['foo*', 'foobar', true],
  ['foo', 'foo', true],
  ['foo', 'foobar', false],
  ['*', '', true],
  ['a*a', 'a', false],
  ['a*b*c', 'a-b-b-c', true],
  ['a*bb*c', 'ab-b-c', false],
  ['*aab*', 'aaab', true],
  ['*abab*aba*', 'ababbabababa', true],
  ['*aabaaa*', 'aabaabaaab', true],
  ['', '', true],
  ['', 'a', false],
])('%s and %j: %s', (pattern, text, expected) => {
  expect(new WildcardPattern(pattern.split('*')).matches(text)).toBe(expected);
});

test('agrees with a regular expression', () => {
  const letters = (maxLength: number) => fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength });
  const property = fc.property(letters(8), letters(16), (pattern, text) => {
    const expression = new RegExp(`^${pattern.replaceAll('*', '[^]*')}$`);
    const subject = text.replaceAll('*', 'c');
    expect(new WildcardPattern(pattern.split('*')).matches(subject)).toBe(expression.test(subject));
  });
  fc.assert(property, { numRuns: 5000, seed: SEED });
});

test('finds a part that overlaps with what only began like it', () => {
  const letters = (minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom('a', 'b'), minLength, maxLength });
  const property = fc.property(letters(2, 6), letters(0, 30), (part, text) => {
    expect(WildcardPattern.within([part]).matches(text)).toBe(text.includes(part));
  });
  fc.assert(property, { numRuns: 5000, seed: SEED });
});

test('looks at each character a few times at most, where a search that begins anew would for hours', () => {
  let readCount = 0;
  const text: Characters = {
    length: 1_000_000,
    charCodeAt: () => {
      readCount += 1;
      return 'a'.charCodeAt(0);
    },
    slice: () => '',
  };
  const part = `${'a'.repeat(4000)}b${'a'.repeat(4000)}`;
  expect(new WildcardPattern(['', part, part, '']).matches(text)).toBe(false);
  expect(readCount).toBeLessThanOrEqual(2 * text.length);
});
