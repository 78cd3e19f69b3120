import { describe, expect, test } from '@jest/globals';
import { StatusError } from '../../../src/core/status-error.ts';
import { parseCall } from '../../../src/http/batch/parse-call.ts';

const LIMITS = { headerSizeMaxBytes: 100 };

function parsed(text: string): unknown {
  const { body, ...head } = parseCall(Buffer.from(text), 1, LIMITS);
  return { ...head, headers: { ...head.headers }, body: Buffer.from(body).toString() };
}

describe('a call of a batch', () => {
  test.each<[string, string, object]>([
    ['without a header', 'GET /a HTTP/1.1\r\n\r\n', { method: 'GET', url: '/a', headers: {}, body: '' }],
    ['without an empty line', 'GET /a HTTP/1.1\n', { method: 'GET', url: '/a', headers: {}, body: '' }],
    ['of one line', 'DELETE /a', { method: 'DELETE', url: '/a', headers: {}, body: '' }],
    ['behind an empty line', '\r\nGET /a HTTP/1.0\r\n\r\n', { method: 'GET', url: '/a', headers: {}, body: '' }],
    [
      'with a body of the length that is told, and a line end behind it',
      'POST /a?b=c HTTP/1.1\r\nContent-Type: x\r\nContent-Length: 4\r\n\r\nÜüü\r\n'.replace('üü', ''),
      { method: 'POST', url: '/a?b=c', headers: { 'content-type': 'x', 'content-length': '4' }, body: 'Ü\r\n' },
    ],
    [
      'with a body larger than a header may be',
      `POST /a\r\n\r\n${'b'.repeat(200)}`,
      { method: 'POST', url: '/a', headers: {}, body: 'b'.repeat(200) },
    ],
    [
      'with LF, and a body of no told length',
      'POST http://h/a HTTP/1.1\nX:  y \nx: z\n\n{\n\n}\n',
      { method: 'POST', url: 'http://h/a', headers: { x: 'y, z' }, body: '{\n\n}\n' },
    ],
    [
      'whose header has a name of every object',
      'GET /a HTTP/1.1\n__proto__: a\nconstructor: b\n\n',
      { method: 'GET', url: '/a', body: '' },
    ],
  ])('%s', (_, text, call) => {
    expect(parsed(text)).toMatchObject(call);
  });

  test.each<[string, string]>([
    ['of nothing', ''],
    ['of a word', 'GET'],
    ['of another protocol', 'GET /a HTTP/2\r\n\r\n'],
    ['with a line that is no header', 'GET /a HTTP/1.1\r\nno header\r\n\r\n'],
    ['with a folded header', 'GET /a HTTP/1.1\r\nx: a\r\n b\r\n\r\n'],
    ['with less than its length', 'POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n{}'],
    ['with more than its length', 'POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}{}'],
    ['with two lengths', 'POST /a HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}'],
    ['with a header that is too large', `GET /a HTTP/1.1\r\nx: ${'y'.repeat(100)}\r\n\r\n`],
    ['with too many headers', `GET /a HTTP/1.1\r\n${'x:\r\n'.repeat(25)}\r\n`],
    ['with nothing but line ends', '\r\n'.repeat(100)],
    ['in chunks', 'POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ])('%s is none, and named by its number', (_, text) => {
    const parse = (): unknown => parseCall(Buffer.from(text), 7, LIMITS);
    expect(parse).toThrow(StatusError);
    expect(parse).toThrow(/call 7 of it/);
  });
});
