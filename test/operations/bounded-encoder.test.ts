import { expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { boundedEncoder } from '../../src/operations/bounded-encoder.ts';
import { sampleOperation } from './sample-operation.ts';

test('a record that can be sent is encoded, a larger one is refused by name', () => {
  const encode = (size: number) => boundedEncoder(() => new Uint8Array(size), 100)(sampleOperation());
  expect(encode(100)).toHaveLength(100);
  expect(() => encode(101)).toThrow(
    expect.objectContaining({ code: Code.RESOURCE_EXHAUSTED, message: expect.stringContaining('operations/1') }),
  );
});
