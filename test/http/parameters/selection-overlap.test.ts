import { describe, expect, test } from '@jest/globals';
import { DEFAULT_FIELDS_LIMITS } from '../../../src/http/parameters/limits.ts';
import { parseFields } from '../../../src/http/parameters/parse-fields.ts';
import { selectionOverlap } from '../../../src/http/parameters/selection-overlap.ts';

/** `a(…),*(…)` as deep as told, `x` within. */
function doubled(depth: number): string {
  return depth === 0 ? 'x' : `a(${doubled(depth - 1)}),*(${doubled(depth - 1)})`;
}

describe('one member is selected at once in', () => {
  test.each([
    ['name,done', 1],
    ['a(b,c(d,e))', 1],
    ['*', 1],
    ['*.*.*', 1],
    ['a.x,*.y', 2],
    ['a,b,c,*', 2],
    ['a(b.x,*.y)', 2],
    ['a(b.x,*.y),*.z', 3],
    ['a(b.x,*.y),*(b.x,*.y)', 4],
    [doubled(4), 16],
  ])('%s ways: %i', (fields, overlap) => {
    expect(selectionOverlap(parseFields(fields, DEFAULT_FIELDS_LIMITS))).toBe(overlap);
  });
});

test('fields that double with each step are refused before an answer is made', () => {
  expect(() => parseFields(doubled(5), DEFAULT_FIELDS_LIMITS)).toThrow(/more than 16 ways at once/);
  expect(() => parseFields(doubled(10), DEFAULT_FIELDS_LIMITS)).toThrow(/more than 16 ways at once/);
});
