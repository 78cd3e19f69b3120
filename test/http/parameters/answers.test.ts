import { describe, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { legacyError } from '../../../src/http/parameters/legacy-errors.ts';
import { meantRequest } from '../../../src/http/parameters/meant-request.ts';

describe('an entry of errors[] has the reason that $.xgafv=1 gives', () => {
  const entry = (reason: string) => ({ message: 'm', domain: 'global', reason });

  test.each<[code: Code, info: string, expected: object]>([
    [Code.INVALID_ARGUMENT, 'INVALID_FIELD', entry('badRequest')],
    [Code.INVALID_ARGUMENT, 'INVALID_JSON', { message: 'm', reason: 'invalid' }],
    [Code.INVALID_ARGUMENT, 'MALFORMED_JSON', entry('parseError')],
    [Code.OUT_OF_RANGE, 'X', entry('badRequest')],
    [Code.CANCELLED, 'X', entry('cancelled')],
    [Code.DEADLINE_EXCEEDED, 'X', entry('deadlineExceeded')],
    [Code.FAILED_PRECONDITION, 'X', entry('failedPrecondition')],
    [
      Code.UNAUTHENTICATED,
      'CREDENTIALS_MISSING',
      {
        message: 'Login Required.',
        domain: 'global',
        reason: 'required',
        location: 'Authorization',
        locationType: 'header',
      },
    ],
    [
      Code.UNAUTHENTICATED,
      'ACCESS_TOKEN_EXPIRED',
      {
        message: 'Invalid Credentials',
        domain: 'global',
        reason: 'authError',
        location: 'Authorization',
        locationType: 'header',
      },
    ],
    [Code.PERMISSION_DENIED, 'X', entry('forbidden')],
    [Code.NOT_FOUND, 'X', entry('notFound')],
    [Code.ALREADY_EXISTS, 'X', entry('alreadyExists')],
    [Code.ABORTED, 'X', entry('aborted')],
    [Code.RESOURCE_EXHAUSTED, 'X', entry('rateLimitExceeded')],
    [Code.INTERNAL, 'X', entry('backendError')],
    [Code.UNKNOWN, 'X', entry('backendError')],
    [Code.DATA_LOSS, 'X', entry('backendError')],
    [Code.UNIMPLEMENTED, 'X', entry('notImplemented')],
    [Code.UNAVAILABLE, 'X', entry('backendError')],
  ])('code %s, %s', (code, reason, expected) => {
    const found = legacyError(new StatusError(code, 'm', { reason }));
    expect(JSON.stringify(found)).toBe(JSON.stringify(expected));
  });
});

describe('a POST may mean another method', () => {
  const FORM = 'application/x-www-form-urlencoded';

  test.each<[row: string, method: string, headers: Record<string, string>, meant: object]>([
    ['no override', 'POST', {}, { method: 'POST', bodyIsQuery: false }],
    [
      'GET with a form',
      'POST',
      { 'x-http-method-override': 'GET', 'content-type': FORM },
      { method: 'GET', bodyIsQuery: true },
    ],
    [
      'its charset',
      'POST',
      { 'x-http-method-override': 'GET', 'content-type': `${FORM}; charset=utf-8` },
      { method: 'GET', bodyIsQuery: true },
    ],
    [
      'small letters',
      'POST',
      { 'x-http-method-override': ' get ', 'content-type': FORM.toUpperCase() },
      { method: 'GET', bodyIsQuery: true },
    ],
    [
      'GET with no form',
      'POST',
      { 'x-http-method-override': 'GET', 'content-type': 'application/json' },
      { method: 'GET', bodyIsQuery: false },
    ],
    ['PATCH', 'POST', { 'x-http-method-override': 'PATCH' }, { method: 'PATCH', bodyIsQuery: false }],
    [
      'DELETE with a form',
      'POST',
      { 'x-http-method-override': 'DELETE', 'content-type': FORM },
      { method: 'DELETE', bodyIsQuery: false },
    ],
    ['a GET is a GET', 'GET', { 'x-http-method-override': 'DELETE' }, { method: 'GET', bodyIsQuery: false }],
    ['a PUT is a PUT', 'PUT', { 'x-http-method-override': 'DELETE' }, { method: 'PUT', bodyIsQuery: false }],
    ['empty', 'POST', { 'x-http-method-override': '' }, { method: 'POST', bodyIsQuery: false }],
    ['what is no method', 'POST', { 'x-http-method-override': 'GET, DELETE' }, { method: 'POST', bodyIsQuery: false }],
  ])('%s', (_row, method, headers, meant) => {
    expect(meantRequest(method, headers)).toEqual(meant);
  });
});
