import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeListResponse } from '../../src/schema/list-response.ts';
import { decodeMessage, encodeMessage } from '../../src/schema/protos.ts';

const LIST = 'google.longrunning.ListOperationsResponse';
const names = fc.array(fc.string({ minLength: 1, maxLength: 20_000, unit: 'grapheme' }), { maxLength: 8, size: 'max' });

test('a page reads as the operations it was put together from', () => {
  fc.assert(
    fc.property(
      names,
      fc.string(),
      fc.array(fc.string({ minLength: 1 }), { maxLength: 3 }),
      (operations, token, unreachable) => {
        const encoded = operations.map((name) => encodeMessage('google.longrunning.Operation', { name }));
        expect(decodeMessage(LIST, encodeListResponse(encoded, token, unreachable))).toEqual({
          ...(operations.length === 0 ? {} : { operations: operations.map((name) => ({ name })) }),
          ...(token === '' ? {} : { nextPageToken: token }),
          ...(unreachable.length === 0 ? {} : { unreachable }),
        });
      },
    ),
    { numRuns: 50 },
  );
});

test('an empty page has no bytes', () => {
  expect(encodeListResponse([], '')).toHaveLength(0);
});

test.each([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])(
  'an operation of %d bytes keeps its length',
  (size) => {
    const operation = Buffer.alloc(size, 1);
    const expected = Buffer.concat([Buffer.from([0x0a]), varint(size), operation]);
    expect(encodeListResponse([operation], '').equals(expected)).toBe(true);
  },
);

function varint(value: number): Buffer {
  return value < 128
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value % 128) + 128]), varint(Math.floor(value / 128))]);
}
