/** What a request's headers and body mean, one rule a table. */
import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { bodyEncodingOf } from '../../src/http/body-encoding.ts';
import { checkBodyType, checkNoBody, isEmptyBody } from '../../src/http/body-type.ts';
import { checkHost } from '../../src/http/check-host.ts';
import { checkOrigin, corsHeaders, preflightHeaders } from '../../src/http/cors.ts';
import { preferredWait } from '../../src/http/preferred-wait.ts';
import { requestDeadlineMs } from '../../src/http/request-deadline.ts';

const refusalOf = (act: () => void): unknown => {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { info?: { reason?: string } }).info?.reason;
  }
};

describe('a body', () => {
  test.each(['', '{}', '{}\n', '""', ' ', '{ }', '\r\n'])('%j is an empty request', (text) => {
    expect(isEmptyBody(Buffer.from(text))).toBe(true);
  });

  test.each(['{"a":1}', '[]', 'null', '"a"', '{', ' '.repeat(17)])('%j is none', (text) => {
    expect(isEmptyBody(Buffer.from(text))).toBe(false);
  });

  test.each([
    [undefined, undefined],
    ['application/json', undefined],
    ['Application/JSON; charset=UTF-8', undefined],
    ['application/json;charset="utf-8"', undefined],
    ['application/merge-patch+json', undefined],
    ['application/json; charset=latin1', 'CONTENT_TYPE_NOT_SUPPORTED'],
    ['application/x-www-form-urlencoded', 'CONTENT_TYPE_NOT_SUPPORTED'],
    ['text/plain', 'CONTENT_TYPE_NOT_SUPPORTED'],
    ['', 'CONTENT_TYPE_NOT_SUPPORTED'],
  ])('of type %j is refused with %s', (type, reason) => {
    expect(
      refusalOf(() => {
        checkBodyType(type);
      }),
    ).toBe(reason);
  });

  test.each([
    [{}, 'identity'],
    [{ 'content-encoding': 'identity' }, 'identity'],
    [{ 'content-encoding': 'gzip' }, 'gzip'],
    [{ 'content-encoding': ' X-GZIP' }, 'gzip'],
  ])('with %j comes as %s', (headers, encoding) => {
    expect(bodyEncodingOf(headers)).toBe(encoding);
  });

  test.each(['identity, br', 'gzip, gzip', 'deflate', 'gzipped'])('encoded as %j is refused', (encoding) => {
    const refusal = refusalOf(() => {
      bodyEncodingOf({ 'content-encoding': encoding });
    });
    expect(refusal).toBe('CONTENT_ENCODING_NOT_SUPPORTED');
  });

  test('is refused where the rule has none, unless it says nothing', () => {
    const check = (text: string) => () => {
      checkNoBody('GET', Buffer.from(text));
    };
    expect([refusalOf(check('{}')), refusalOf(check('{"name":"x"}'))]).toEqual([undefined, 'BODY_NOT_TAKEN']);
  });
});

describe('the deadline', () => {
  test.each([
    [{}, undefined],
    [{ 'x-server-timeout': '60' }, 60_000],
    [{ 'x-server-timeout': '1.5' }, 1500],
    [{ 'grpc-timeout': '10S' }, 10_000],
    [{ 'grpc-timeout': '2M' }, 120_000],
    [{ 'grpc-timeout': '1H' }, 3_600_000],
    [{ 'grpc-timeout': '250m' }, 250],
    [{ 'grpc-timeout': '5000u' }, 5],
    [{ 'grpc-timeout': '0n' }, 0],
    [{ 'x-server-timeout': '60', 'grpc-timeout': '10S' }, 10_000],
  ])('of %j is %s ms away', (headers, awayMs) => {
    const deadlineMs = requestDeadlineMs(headers, 1000);
    expect(deadlineMs).toBe(awayMs === undefined ? undefined : awayMs + 1000);
  });

  test.each([
    { 'x-server-timeout': '' },
    { 'x-server-timeout': '-1' },
    { 'x-server-timeout': '1e3' },
    { 'x-server-timeout': '60, 60' },
    { 'grpc-timeout': '10' },
    { 'grpc-timeout': '123456789S' },
    { 'grpc-timeout': '1.5S' },
  ])('%j is refused', (headers) => {
    expect(refusalOf(() => requestDeadlineMs(headers, 0))).toBe('MALFORMED_TIMEOUT');
  });
});

test.each([
  [undefined, undefined],
  ['wait=10', 10],
  ['Wait = 10', 10],
  ['wait="10"', 10],
  ['respond-async, wait=10', 10],
  ['wait=10; foo=bar', 10],
  ['wait=1, wait=2', 1],
  ['wait', undefined],
  ['wait=-1', undefined],
  ['wait=1.5', undefined],
  ['wait=soon', undefined],
  ['waits=10', undefined],
])('of Prefer: %s the wait is %s', (prefer, seconds) => {
  expect(preferredWait(prefer)).toBe(seconds);
});

describe('pages of other origins', () => {
  const page = 'https://console.example.com';
  const allowed = new Set([page]);

  test('read nothing unless they are allowed', () => {
    expect([
      corsHeaders({ origin: page }, new Set()),
      corsHeaders({ origin: 'https://evil.example' }, allowed),
    ]).toEqual([{}, { vary: 'Origin' }]);
  });

  test.each([[allowed], [new Set(['*'])]])('read answers where they are', (origins) => {
    expect(corsHeaders({ origin: page }, origins)).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-expose-headers': 'ETag, Preference-Applied, Retry-After',
      vary: 'Origin',
    });
  });

  test('learn by a preflight what they may send', () => {
    const headers = {
      origin: page,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    };
    expect(preflightHeaders(headers, allowed, 'POST, OPTIONS')).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '600',
    });
    expect(preflightHeaders(headers, new Set(), 'POST, OPTIONS')).toEqual({});
  });

  test.each([
    ['GET', 'https://evil.example', undefined],
    ['POST', undefined, undefined],
    ['POST', page, undefined],
    ['POST', 'http://127.0.0.1:8080', undefined],
    ['POST', 'https://evil.example', 'ORIGIN_NOT_ALLOWED'],
    ['DELETE', 'null', 'ORIGIN_NOT_ALLOWED'],
    ['POST', 'http://127.0.0.1:8081', 'ORIGIN_NOT_ALLOWED'],
  ])('%s from %s is refused with %s', (method, origin, reason) => {
    const headers = { host: '127.0.0.1:8080', ...(origin === undefined ? {} : { origin }) };
    expect(
      refusalOf(() => {
        checkOrigin(method, headers, allowed);
      }),
    ).toBe(reason);
  });
});

describe('a browser that came by a name', () => {
  const BROWSER = { 'user-agent': 'Mozilla/5.0' };

  test.each<[host: string, headers: IncomingHttpHeaders, reason: string | undefined]>([
    ['evil.example:8080', BROWSER, 'HOST_NOT_ALLOWED'],
    ['EVIL.example.', BROWSER, 'HOST_NOT_ALLOWED'],
    ['127.0.0.1.evil.example', BROWSER, 'HOST_NOT_ALLOWED'],
    ['localhost.evil.example:80', BROWSER, 'HOST_NOT_ALLOWED'],
    ['evil.example', { origin: 'http://evil.example' }, 'HOST_NOT_ALLOWED'],
    ['evil.example', { 'sec-fetch-site': 'same-origin' }, 'HOST_NOT_ALLOWED'],
    // Firefox has a page set both of these, and tells no Sec-Fetch-Mode over plain HTTP.
    ['evil.example', { 'user-agent': 'curl', 'accept-language': '*' }, 'HOST_NOT_ALLOWED'],
    ['evil.example:x:1', BROWSER, 'HOST_NOT_ALLOWED'],
    ['127.0.0.1:8080', BROWSER, undefined],
    ['[::1]:8080', BROWSER, undefined],
    ['localhost:8080', BROWSER, undefined],
    ['longrunning', BROWSER, undefined],
    ['longrunning.default.svc.cluster.local:8080', BROWSER, undefined],
    ['longrunning.default.svc', BROWSER, undefined],
    ['console.example.com', BROWSER, undefined],
    ['console.example.com:81', BROWSER, 'HOST_NOT_ALLOWED'],
    ['sidecar.default', { 'user-agent': 'curl/8' }, undefined],
    // Node's fetch.
    ['sidecar.default', { 'user-agent': 'node', 'accept-language': '*', 'sec-fetch-mode': 'cors' }, undefined],
  ])('%s with %j is refused with %s', (host, headers, reason) => {
    expect(
      refusalOf(() => {
        checkHost({ host, ...headers }, new Set(['https://console.example.com']));
      }),
    ).toBe(reason);
  });
});
