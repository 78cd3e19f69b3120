import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NamePattern } from '../../src/operations/name-pattern.ts';

test.each([
  ['a/**', 'a', false],
  ['a/**', 'a/', false],
  ['a/**', 'a/b', true],
  ['a/**', 'a/b/c', true],
  ['a/**', 'a/b//c', false],
  ['a/**', 'a/b/c/', false],
  ['a/*', 'a/b/c', false],
  ['a/*/c', 'a/b/c', true],
  ['a/*/c', 'a//c', false],
  ['a.b/*', 'a.b/c', true],
  ['a.b/*', 'axb/c', false],
])('pattern %s and name %s match: %s', (pattern, name, matches) => {
  expect(new NamePattern(pattern).matches(name)).toBe(matches);
});

test.each(['', '*', '**', '*/a', '**/a', 'a/**/b', 'a//b', 'a/', '/a', 'a/b*', 'a/{b}', 'a/(b)', 'a b/*'])(
  '%j is no pattern',
  (text) => {
    expect(() => new NamePattern(text)).toThrow(
      expect.objectContaining({ info: expect.objectContaining({ reason: 'INVALID_NAME_PATTERN' }) }),
    );
  },
);

describe('two patterns overlap when there is a name that both match', () => {
  test.each([
    ['a/*', 'a/b', true],
    ['a/**', 'a/b/c', true],
    ['a/*/**', 'a/b/c/d', true],
    ['a/**', 'a/*', true],
    ['a/**', 'a', false],
    ['a/*/b', 'a/c/*', true],
    ['a/*/b', 'a/*/c', false],
    ['a/*', 'a/*/b', false],
    ['a/*', 'b/*', false],
  ])('%s and %s: %s', (one, other, overlaps) => {
    expect(new NamePattern(one).overlaps(new NamePattern(other))).toBe(overlaps);
    expect(new NamePattern(other).overlaps(new NamePattern(one))).toBe(overlaps);
  });

  test('a name that both match is never denied', () => {
    const tail = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 3 });
    const pattern = fc
      .tuple(fc.constantFrom('a', 'b'), tail, fc.boolean())
      .map(([first, rest, open]) => new NamePattern([first, ...rest, ...(open ? ['**'] : [])].join('/')));
    const name = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(pattern, pattern, name, (one, other, both) => {
        fc.pre(one.matches(both) && other.matches(both));
        expect(one.overlaps(other)).toBe(true);
      }),
    );
  });
});
