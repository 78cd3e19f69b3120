import { describe, expect, test } from '@jest/globals';
import { cutEnd, cutMiddle, pad, printable, textWidth } from '../../../src/cli/format/text-width.ts';

test.each([
  ['abc', 3],
  ['', 0],
  ['é', 1],
  ['e\u0301', 1],
  ['日本語', 6],
  ['한국', 4],
  ['👍', 2],
  ['👩‍👩‍👧', 2],
  ['…', 1],
])('%j takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

describe('a cut', () => {
  test.each([
    ['abcdef', 6, 'abcdef', 'abcdef'],
    ['abcdef', 4, 'abc…', 'ab…f'],
    ['abcdef', 5, 'abcd…', 'ab…ef'],
    ['abcdef', 1, '…', '…'],
    ['abcdef', 0, '', ''],
    ['日本語', 4, '日…', '日…'],
  ])('of %j to %i columns leaves %j, or %j of its middle', (text, width, end, middle) => {
    expect(cutEnd(text, width)).toBe(end);
    expect(cutMiddle(text, width)).toBe(middle);
  });
});

test('padding counts columns, not characters', () => {
  expect([pad('日', 4), pad('日', 4, 'right'), pad('abcd', 2)]).toEqual(['日  ', '  日', 'abcd']);
});

test('control characters and those that turn the direction of writing are shown by their number', () => {
  expect(printable('a\u0007\u009B\u202Eb')).toBe('a\\x07\\x9b\\u202eb');
});
