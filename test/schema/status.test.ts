import { describe, expect, test } from '@jest/globals';
import { messageName } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import { invalidArgument, StatusError } from '../../src/core/status-error.ts';
import { decodeMessage, encodeMessage, packAny, unpackAny } from '../../src/schema/protos.ts';
import { protoAnyResolver } from '../../src/schema/resolver.ts';
import { decodeStatus, encodeStatus, statusDetails } from '../../src/schema/status.ts';

const DOMAIN = 'longrunning.googleapis.com';
const detailsOf = (status: Parameters<typeof statusDetails>[0]): Record<string, unknown> =>
  Object.fromEntries(statusDetails(status, DOMAIN).map((any) => [messageName(any), unpackAny(any)]));

describe('the details of a status', () => {
  // AIP-193: "All error responses must include an ErrorInfo within details."
  test('hold an ErrorInfo even where none was given', () => {
    expect(detailsOf({ code: Code.NOT_FOUND, message: 'x' })).toEqual({
      'google.rpc.ErrorInfo': { reason: 'NOT_FOUND', domain: DOMAIN },
    });
  });

  test('say which field is wrong and how long to wait', () => {
    const error = invalidArgument('page_size', 'must not be negative', { retryDelayMs: 1500 });
    expect(detailsOf(error)).toEqual({
      'google.rpc.ErrorInfo': { reason: 'INVALID_FIELD', domain: DOMAIN, metadata: { field: 'page_size' } },
      'google.rpc.BadRequest': { fieldViolations: [{ field: 'page_size', description: 'must not be negative' }] },
      'google.rpc.RetryInfo': { retryDelay: { seconds: '1', nanos: 500_000_000 } },
    });
  });

  test('keep a domain that is named', () => {
    const error = new StatusError(Code.ABORTED, 'x', { reason: 'BUSY', domain: 'checks.googleapis.com' });
    expect(detailsOf(error)).toMatchObject({ 'google.rpc.ErrorInfo': { domain: 'checks.googleapis.com' } });
  });

  // AIP-193: "each type of detail payload must be included at most once".
  test('hold each type once, the first one', () => {
    const details = [
      packAny('google.rpc.ErrorInfo', { reason: 'SECOND' }),
      packAny('google.rpc.Help', { links: [{ url: 'a' }] }),
      packAny('google.rpc.Help', { links: [{ url: 'b' }] }),
    ];
    expect(detailsOf({ code: Code.INTERNAL, message: 'x', info: { reason: 'FIRST' }, details })).toEqual({
      'google.rpc.ErrorInfo': { reason: 'FIRST', domain: DOMAIN },
      'google.rpc.Help': { links: [{ url: 'a' }] },
    });
  });
});

describe('a status that was encoded', () => {
  test('reads as it was', () => {
    const status = {
      code: Code.DATA_LOSS,
      message: 'ein Fehler – 誤り',
      info: { reason: 'CHECKSUM_DIFFERS', domain: DOMAIN, metadata: { key: 'a/b' } },
      details: [packAny('google.rpc.ResourceInfo', { resourceName: 'a/b' })],
    };
    expect(decodeStatus(encodeStatus(status, 'other'))).toEqual(status);
  });

  // ErrorInfo: "The error domain is typically the registered service name". Encoders of some languages write the empty one.
  test("names no domain where that is empty, and so is told with its service's", () => {
    const status = decodeStatus(
      encodeStatus({ code: Code.ABORTED, message: 'm', info: { reason: 'R', domain: '' } }, ''),
    );
    expect(status.info).toEqual({ reason: 'R' });
    expect(detailsOf(status)).toEqual({ 'google.rpc.ErrorInfo': { reason: 'R', domain: DOMAIN } });
  });

  test('has code UNKNOWN when no proto knows its code', () => {
    expect(decodeStatus(encodeMessage('google.rpc.Status', { code: 99, message: 'x' })).code).toBe(Code.UNKNOWN);
  });
});

describe('what is within an Any', () => {
  test('is resolved by its type', () => {
    const any = packAny('google.storagetransfer.v1.TransferOperation', { name: 'a', status: 'IN_PROGRESS' });
    expect(protoAnyResolver.resolve(any)).toEqual({ name: 'a', status: 'IN_PROGRESS' });
  });

  test('of a type that is not loaded is not known', () => {
    expect(
      protoAnyResolver.resolve({ typeUrl: 'type.googleapis.com/acme.v1.Job', value: Buffer.from([1]) }),
    ).toBeUndefined();
  });

  test('must be of its type', () => {
    const any = { typeUrl: 'type.googleapis.com/google.rpc.Status', value: Buffer.from([0x0a, 0x05, 0x01]) };
    expect(() => protoAnyResolver.resolve(any)).toThrow(
      expect.objectContaining({
        code: Code.INVALID_ARGUMENT,
        info: expect.objectContaining({ reason: 'MALFORMED_ANY' }),
      }),
    );
  });
});

test('messages read with camelCase members, enums by name, 64-bit integers as strings, absent members left out', () => {
  const message = {
    name: 'transferOperations/1',
    status: 'PAUSED',
    counters: { bytesCopiedToSink: '9007199254740993' },
    startTime: { seconds: '1700000000', nanos: 5 },
  };
  const type = 'google.storagetransfer.v1.TransferOperation';
  expect(decodeMessage(type, encodeMessage(type, message))).toEqual(message);
});
