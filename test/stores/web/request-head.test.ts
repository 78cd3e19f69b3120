import { expect, test } from '@jest/globals';
import { requestHead } from '../../../src/stores/web/request-head.ts';

const request = {
  method: 'GET',
  origin: 'http://127.0.0.1:9000',
  target: '/b/k%20?x=1',
  headers: {},
  resource: 's3://b/k',
  signal: new AbortController().signal,
} as const;

test('a head has the target as it is, one host, and each header', () => {
  expect(requestHead({ ...request, headers: { range: 'bytes=0-9' } })).toBe(
    'GET /b/k%20?x=1 HTTP/1.1\r\nhost: 127.0.0.1:9000\r\nconnection: keep-alive\r\nrange: bytes=0-9\r\n\r\n',
  );
});

test('a host that was signed is the one that is sent', () => {
  expect(requestHead({ ...request, headers: { host: 'b.example.com' } })).toContain('\r\nhost: b.example.com\r\n');
});

test.each([
  ['a value with a line break', { headers: { 'if-match': '"a"\r\nx: y' } }],
  ['a value beyond one byte a character', { headers: { 'x-a': '\u{20ac}' } }],
  ['a name with a colon', { headers: { 'x:': 'a' } }],
  ['a name in capitals, which may come twice', { headers: { Host: 'a' } }],
  ['a host with a line break', { headers: { host: 'a\r\nx: y' } }],
  ['a target with a space', { target: '/a b' }],
  ['a target with a line break', { target: '/a\r\nx: y' }],
])('%s is not sent', (_, more) => {
  expect(requestHead({ ...request, ...more })).toBeUndefined();
});
