import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { typeUrl, type Any } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import type { Operation, Result } from '../../src/operations/operation.ts';
import { createOperationEncoder } from '../../src/schema/operation-encoder.ts';
import { decodeMessage, packAny } from '../../src/schema/protos.ts';
import { decodeStatus, encodeStatus, statusOf } from '../../src/schema/status.ts';
import { sampleOperation } from '../operations/sample-operation.ts';

const OPERATION = 'google.longrunning.Operation';
const DOMAIN = 'storagetransfer.googleapis.com';
const encode = createOperationEncoder(new Map(), () => DOMAIN);

const anys: fc.Arbitrary<Any> = fc.record({
  typeUrl: fc.string({ minLength: 1, unit: 'grapheme' }).map(typeUrl),
  value: fc.uint8Array({ maxLength: 300 }),
});
const results: fc.Arbitrary<Result> = fc.oneof(
  fc.record({ response: anys }),
  fc.record({
    error: fc.record({
      code: fc.constantFrom(Code.CANCELLED, Code.INTERNAL, Code.NOT_FOUND),
      message: fc.string({ minLength: 1 }),
    }),
  }),
);
const operations: fc.Arbitrary<Operation> = fc
  .record({
    name: fc.string({ minLength: 1, unit: 'grapheme' }),
    metadata: fc.option(anys),
    result: fc.option(results),
  })
  .map(({ name, metadata, result }) =>
    sampleOperation({
      name,
      ...(metadata === null ? {} : { metadata }),
      ...(result === null ? {} : { result, state: 'error' in result ? 'FAILED' : 'SUCCEEDED' }),
    }),
  );

/** The message that clients should read. */
function expectedMessage({ name, metadata, result }: Operation): object {
  const wire = ({ typeUrl: type_url, value }: Any): object => ({ type_url, value: Buffer.from(value) });
  return {
    name,
    ...(metadata === undefined ? {} : { metadata: wire(metadata) }),
    ...(result === undefined ? {} : { done: true, result: 'error' in result ? 'error' : 'response' }),
    ...(result !== undefined && 'error' in result
      ? { error: decodeMessage('google.rpc.Status', encodeStatus(result.error, DOMAIN)) }
      : {}),
    ...(result !== undefined && 'response' in result ? { response: wire(result.response) } : {}),
  };
}

describe('the encoder of operations', () => {
  test('writes what the record holds, and nothing else', () => {
    fc.assert(
      fc.property(operations, (operation) => {
        expect(decodeMessage(OPERATION, encode(operation))).toEqual(expectedMessage(operation));
      }),
    );
  });

  test('shows the metadata that the presenter of the kind makes', () => {
    const shown = packAny('google.rpc.ErrorInfo', { reason: 'SHOWN' });
    const encodeShown = createOperationEncoder(new Map([['copy', () => shown]]), () => DOMAIN);
    const reported = packAny('google.rpc.ErrorInfo', { reason: 'REPORTED' });
    const metadataOf = (kind: string): unknown =>
      decodeMessage(OPERATION, encodeShown(sampleOperation({ kind, metadata: reported })))['metadata'];
    expect(metadataOf('copy')).toEqual({ type_url: shown.typeUrl, value: shown.value });
    expect(metadataOf('another')).toEqual({ type_url: reported.typeUrl, value: reported.value });
  });

  // operations.proto, done: "If the value is `false`, it means the operation is still in progress."
  test.each(['QUEUED', 'RUNNING', 'SUSPENDING', 'PAUSED', 'CANCELLING'] as const)(
    '%s shows as in progress',
    (state) => {
      const { done, error, response } = decodeMessage(OPERATION, encode(sampleOperation({ state })));
      expect([done, error, response]).toEqual([undefined, undefined, undefined]);
    },
  );

  test("an error without a domain gets the surface's", () => {
    const error = { code: Code.CANCELLED, message: 'gone', info: { reason: 'OPERATION_CANCELLED' } };
    const domains = createOperationEncoder(new Map(), (surface) => `${surface}.example.com`);
    const bytes = domains(sampleOperation({ surface: 'longrunning', state: 'CANCELLED', result: { error } }));
    const status = statusOf(decodeMessage(OPERATION, bytes)['error'] as Record<string, unknown>);
    expect(status).toEqual({ ...error, info: { ...error.info, domain: 'longrunning.example.com' } });
    expect(decodeStatus(encodeStatus(error, DOMAIN)).info?.domain).toBe(DOMAIN);
  });
});
