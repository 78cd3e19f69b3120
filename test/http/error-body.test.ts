import { describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { invalidArgument, StatusError } from '../../src/core/status-error.ts';
import { errorBody, httpStatus } from '../../src/http/error-body.ts';
import { HttpRefusal } from '../../src/http/http-refusal.ts';

const TYPE = 'type.googleapis.com/google.rpc.';

// google/rpc/code.proto, "HTTP Mapping" of each code.
describe('a code is told with the HTTP status that code.proto names', () => {
  test.each<[name: string, code: Code, status: number]>([
    ['OK', Code.OK, 200],
    ['CANCELLED', Code.CANCELLED, 499],
    ['UNKNOWN', Code.UNKNOWN, 500],
    ['INVALID_ARGUMENT', Code.INVALID_ARGUMENT, 400],
    ['DEADLINE_EXCEEDED', Code.DEADLINE_EXCEEDED, 504],
    ['NOT_FOUND', Code.NOT_FOUND, 404],
    ['ALREADY_EXISTS', Code.ALREADY_EXISTS, 409],
    ['PERMISSION_DENIED', Code.PERMISSION_DENIED, 403],
    ['UNAUTHENTICATED', Code.UNAUTHENTICATED, 401],
    ['RESOURCE_EXHAUSTED', Code.RESOURCE_EXHAUSTED, 429],
    ['FAILED_PRECONDITION', Code.FAILED_PRECONDITION, 400],
    ['ABORTED', Code.ABORTED, 409],
    ['OUT_OF_RANGE', Code.OUT_OF_RANGE, 400],
    ['UNIMPLEMENTED', Code.UNIMPLEMENTED, 501],
    ['INTERNAL', Code.INTERNAL, 500],
    ['UNAVAILABLE', Code.UNAVAILABLE, 503],
    ['DATA_LOSS', Code.DATA_LOSS, 500],
  ])('%s', (name, code, status) => {
    const error = new StatusError(code, 'm', { reason: 'WHY' });
    expect([httpStatus(error), errorBody(error)]).toMatchObject([status, { error: { code: status, status: name } }]);
  });
});

describe('HTTP’s own statuses are told with a code beside them', () => {
  test.each([
    [404, 'NOT_FOUND'],
    [405, 'UNIMPLEMENTED'],
    [408, 'DEADLINE_EXCEEDED'],
    [413, 'INVALID_ARGUMENT'],
    [414, 'INVALID_ARGUMENT'],
    [415, 'INVALID_ARGUMENT'],
    [417, 'INVALID_ARGUMENT'],
    [431, 'INVALID_ARGUMENT'],
  ] as const)('%i is %s', (status, name) => {
    const error = new HttpRefusal(status, 'm', { reason: 'WHY' });
    expect([httpStatus(error), errorBody(error)]).toMatchObject([status, { error: { code: status, status: name } }]);
  });
});

describe('the envelope', () => {
  const error = new StatusError(Code.ABORTED, 'x is held', {
    reason: 'HELD',
    metadata: { holder: 'y' },
    retryDelayMs: 1500,
  });

  test('has a code, a message, a status, and details that begin with an ErrorInfo', () => {
    expect(JSON.stringify(errorBody(error, { domain: 'checks.googleapis.com' }))).toBe(
      JSON.stringify({
        error: {
          code: 409,
          message: 'x is held',
          status: 'ABORTED',
          details: [
            { '@type': `${TYPE}ErrorInfo`, reason: 'HELD', domain: 'checks.googleapis.com', metadata: { holder: 'y' } },
            { '@type': `${TYPE}RetryInfo`, retryDelay: '1.500s' },
          ],
        },
      }),
    );
  });

  test('has errors[] between the message and the status where $.xgafv=1 asks for it', () => {
    const { error: told } = errorBody(error, { errorFormat: 1 }) as { readonly error: object };
    expect(Object.keys(told)).toEqual(['code', 'message', 'errors', 'status', 'details']);
    expect(told).toMatchObject({ errors: [{ message: 'x is held', domain: 'global', reason: 'aborted' }] });
  });

  test('keeps the domain that an error names, and tells the fields that are wrong', () => {
    const told = errorBody(invalidArgument('page_size', 'is odd', { domain: 'reports.example.com' }), {
      domain: 'longrunning.googleapis.com',
    });
    expect(told).toMatchObject({
      error: {
        message: 'page_size: is odd',
        details: [
          { domain: 'reports.example.com', metadata: { field: 'page_size' } },
          { '@type': `${TYPE}BadRequest`, fieldViolations: [{ field: 'page_size', description: 'is odd' }] },
        ],
      },
    });
  });
});
