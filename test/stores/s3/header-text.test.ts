import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeHeaderText, encodeHeaderText } from '../../../src/stores/s3/header-text.ts';

test('leaves plain text as it is', () => {
  for (const text of ['', 'a', 'a  b; c="d"', '~!']) expect(encodeHeaderText(text)).toBe(text);
});

test('any text comes back, and goes through a header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const encoded = encodeHeaderText(text);
      expect(encoded).toMatch(/^[ -~]*$/);
      expect(encoded.trim()).toBe(encoded);
      expect(decodeHeaderText(encoded)).toBe(text);
    }),
  );
});

test('text that looks encoded is encoded itself', () => {
  const text = '=?UTF-8?B?YQ==?=';
  expect(decodeHeaderText(encodeHeaderText(text))).toBe(text);
});

test.each([
  ['=?UTF-8?Q?n=C3=A9e_1?=', 'née 1'],
  ['=?utf-8?b?bsOp?= =?UTF-8?B?ZQ==?=', 'née'],
  ['=?UTF-8?B?w6k=?=', 'é'],
  [Buffer.from('née').toString('latin1'), 'née'],
  ['n\xe9e', 'n\xe9e'],
  ['=?nonsense', '=?nonsense'],
])('reads %j as %j', (value, text) => {
  expect(decodeHeaderText(value)).toBe(text);
});
