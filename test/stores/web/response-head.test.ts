import { describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { parseResponseHead } from '../../../src/stores/web/response-head.ts';

function head(...lines: readonly string[]): ReturnType<typeof parseResponseHead> {
  return parseResponseHead(lines.join('\r\n'));
}

test('a plain head tells the status, the headers, the length of the body, and whether the connection is kept', () => {
  expect(head('HTTP/1.1 206 Partial Content', 'ETag: "a"', 'content-length:  12 ', 'X-A: b: c')).toEqual({
    status: 206,
    headers: { etag: '"a"', 'content-length': '12', 'x-a': 'b: c' },
    bodySizeBytes: 12,
    isKept: true,
  });
});

test('spaces and tabs around a value are not of it, and those within it are', () => {
  const { headers } = head('HTTP/1.1 200 OK', 'content-length: 0', 'x-a: \t b \t c \t', 'x-b:', 'x-c: \t ') ?? {};
  expect([headers?.['x-a'], headers?.['x-b'], headers?.['x-c']]).toEqual(['b \t c', '', '']);
});

test('a value of very many spaces holds nobody up', async () => {
  const value = `a${' '.repeat(1_000_000)}b`;
  expect(head('HTTP/1.1 200 OK', 'content-length: 0', `x-a: ${value}`)?.headers['x-a']).toBe(value);
  // Had it taken longer than a test may, as steps that grow with the square would, that would be told now.
  await delay(0);
});

test('an answer without a phrase has a status', () => {
  expect(head('HTTP/1.1 200', 'content-length: 0')?.status).toBe(200);
});

test('a header that comes twice has both values', () => {
  expect(head('HTTP/1.1 200 OK', 'content-length: 0', 'x-a: 1', 'X-A: 2', 'x-a: 3')?.headers['x-a']).toEqual([
    '1',
    '2',
    '3',
  ]);
});

test.each(['close', 'Close', 'keep-alive, close', 'upgrade'])('"Connection: %s" does not keep it', (connection) => {
  expect(head('HTTP/1.1 200 OK', 'content-length: 0', `connection: ${connection}`)?.isKept).toBe(false);
});

test('two headers that say something of the connection do not keep it', () => {
  const lines = ['content-length: 0', 'connection: keep-alive', 'connection: close'];
  expect(head('HTTP/1.1 200 OK', ...lines)?.isKept).toBe(false);
});

describe('left to a whole parser is', () => {
  test.each([
    ['another version', ['HTTP/1.0 200 OK', 'content-length: 1']],
    ['an interim answer', ['HTTP/1.1 100 Continue', 'content-length: 1']],
    ['an answer that has no body', ['HTTP/1.1 304 Not Modified', 'content-length: 1']],
    ['no length', ['HTTP/1.1 200 OK']],
    ['two lengths', ['HTTP/1.1 200 OK', 'content-length: 1', 'content-length: 1']],
    ['a length that is no number', ['HTTP/1.1 200 OK', 'content-length: 0x1']],
    ['a length with a sign', ['HTTP/1.1 200 OK', 'content-length: +1']],
    ['a length and chunks', ['HTTP/1.1 200 OK', 'content-length: 1', 'transfer-encoding: chunked']],
    // RFC 9112, section 5.1: "No whitespace is allowed between the field name and colon."
    ['a space before the colon', ['HTTP/1.1 200 OK', 'content-length : 1']],
    // RFC 9112, section 5.2: obs-fold.
    ['a folded line', ['HTTP/1.1 200 OK', 'x-a: b', ' c', 'content-length: 1']],
    ['a line feed alone', ['HTTP/1.1 200 OK', 'x-a: b\ncontent-length: 9', 'content-length: 1']],
    ['a line that is no header', ['HTTP/1.1 200 OK', 'content-length: 1', 'nothing']],
    ['nothing', ['']],
  ])('%s', (_, lines) => {
    expect(head(...lines)).toBeUndefined();
  });
});
