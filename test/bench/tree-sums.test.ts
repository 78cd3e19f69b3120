import { expect, test } from '@jest/globals';
import { assertSums } from '../../bench/s3/tree-sums.ts';

const expected = new Map([
  ['a', { sizeBytes: 5, crc32c: 1 }],
  ['b', { sizeBytes: 6, crc32c: 2 }],
]);

test.each([
  ['is missing', [['a', { sizeBytes: 5, crc32c: 1 }]], 'b was not written'],
  ['is cut', [...expected, ['b', { sizeBytes: 5, crc32c: 2 }]], 'b was written as 5 bytes'],
  ['has other bytes', [...expected, ['b', { sizeBytes: 6, crc32c: 3 }]], 'b was written as 6 bytes with crc32c 3'],
  ['is too many', [...expected, ['c', { sizeBytes: 0, crc32c: 0 }]], 'c was written, and is no file'],
] as const)('an object that %s is named', (_, entries, text) => {
  expect(() => {
    assertSums(expected, new Map(entries));
  }).toThrow(text);
});

test('the same objects in another order are as they should be', () => {
  expect(() => {
    assertSums(expected, new Map([...expected].reverse()));
  }).not.toThrow();
});
