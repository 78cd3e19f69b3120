import { describe, expect, test } from '@jest/globals';
import { decodeQueryText, decodeSegment, decodeSegments } from '../../src/http/percent-decoding.ts';
import { parseQuery, parseRequestTarget } from '../../src/http/request-target.ts';

/** One segment: "the server side does the reverse decoding" (google/api/http.proto). */
test.each([
  ['a', 'a'],
  ['a%2Fb', 'a/b'],
  ['a%2fb', 'a/b'],
  ['a%20b', 'a b'],
  ['a+b', 'a+b'],
  ['a%2Bb', 'a+b'],
  ['%C3%A9', 'é'],
  ['%F0%9F%98%80', '😀'],
  ['a%3Acancel', 'a:cancel'],
  ['%2525', '%25'],
  ['%00', '\0'],
  ['é', 'é'],
])('one segment %s is %j', (encoded, text) => {
  expect(decodeSegment(encoded)).toBe(text);
});

/** Several segments: "except "%2F" and "%2f" are left unchanged". The middle rows are what clients were seen to send for one name. */
test.each([
  ['transferOperations/a', 'transferOperations/a'],
  ['transferOperations/a%2Fb', 'transferOperations/a%2Fb'],
  ['transferOperations/a%2fb', 'transferOperations/a%2fb'],
  ['transferOperations/a/b%20c%25+%C3%A9', 'transferOperations/a/b c%+é'],
  ['transferOperations/a/b%20c%25%2B%C3%A9', 'transferOperations/a/b c%+é'],
  ['transferOperations/%252F', 'transferOperations/%2F'],
  ['transferOperations/%2525', 'transferOperations/%25'],
  ['transferOperations/%7E', 'transferOperations/~'],
])('several segments %s are %j', (encoded, text) => {
  expect(decodeSegments(encoded)).toBe(text);
});

test.each([
  ['q+u', 'q u'],
  ['tok%2B%2F%3D', 'tok+/='],
  ['%7B%22projectId%22%3A%22p%22%7D', '{"projectId":"p"}'],
  ['a%2Fb', 'a/b'],
  ['', ''],
])('a query’s %s is %j', (encoded, text) => {
  expect(decodeQueryText(encoded)).toBe(text);
});

describe('what is no percent-encoded UTF-8 is refused', () => {
  test.each(['%zz', '%', '%2', 'a%', '%C3', '%C3%28', '%FF', '%C0%AF', '%ED%A0%80', '%u0041'])('%s', (encoded) => {
    for (const decode of [decodeSegment, decodeSegments, decodeQueryText]) {
      expect(() => decode(encoded)).toThrow(expect.objectContaining({ info: { reason: 'MALFORMED_URL' } }));
    }
  });
});

test.each([
  ['', []],
  ['a=1', [['a', '1']]],
  ['a', [['a', '']]],
  ['a=', [['a', '']]],
  ['=1', [['', '1']]],
  [
    'a=1&&b=2&',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  [
    'a=1&a=2',
    [
      ['a', '1'],
      ['a', '2'],
    ],
  ],
  ['a=b=c', [['a', 'b=c']]],
  ['a%3Db=c', [['a=b', 'c']]],
  ['a=1;b=2', [['a', '1;b=2']]],
  ['a.b=1', [['a.b', '1']]],
])('the query %s has %j', (query, parameters) => {
  expect(parseQuery(query)).toEqual(parameters);
});

test.each([
  ['/v1/x', '/v1/x', ''],
  ['/v1/x?', '/v1/x', ''],
  ['/v1/x?a=b?c', '/v1/x', 'a=b?c'],
  ['http://127.0.0.1:8080/v1/x?a', '/v1/x', 'a'],
  ['HTTPS://host/v1/x', '/v1/x', ''],
  ['http://host', '', ''],
  ['//host/v1/x', '//host/v1/x', ''],
  ['*', '*', ''],
])('the target %s is path %j and query %j', (target, path, query) => {
  expect(parseRequestTarget(target)).toEqual({ path, query });
});
