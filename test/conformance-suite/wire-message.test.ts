import { expect, test } from '@jest/globals';
import { UNKNOWN_FIELD, wireFields } from '../../src/conformance/wire-message.ts';
import { encodeMessage } from '../../src/schema/protos.ts';

test('each field of a message is told, a oneof that is set twice with both', () => {
  const one = encodeMessage('google.longrunning.Operation', { name: 'a', done: true, error: { code: 1 } });
  const other = encodeMessage('google.longrunning.Operation', { response: {} });

  expect(wireFields(Buffer.concat([one, other])).map(({ number }) => number)).toEqual([1, 3, 4, 5]);
});

test('a field comes with its bytes, one of a fixed size is passed over', () => {
  const fixed = [0x09, ...new Array<number>(8).fill(0), 0x15, 0, 0, 0, 0];

  expect(wireFields(Buffer.from([...fixed, 0x1a, 2, 7, 8]))).toEqual([
    { number: 1, value: Buffer.from([]) },
    { number: 2, value: Buffer.from([]) },
    { number: 3, value: Buffer.from([7, 8]) },
  ]);
});

test('the unknown field is one, numbered beyond what any message has', () => {
  expect(wireFields(UNKNOWN_FIELD)).toEqual([{ number: 1000, value: Buffer.from('later') }]);
});

test.each([
  ['a number that does not end', [0x80]],
  ['a number of more than ten bytes', new Array<number>(11).fill(0x80)],
  ['a length beyond the end', [0x0a, 3, 1]],
  ['a wire type that is none', [0x0f]],
])('%s is refused', (_what, bytes) => {
  expect(() => wireFields(Buffer.from(bytes))).toThrow();
});
