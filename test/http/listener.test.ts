/** What the listener bounds and refuses, whatever is asked of the APIs behind it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { Method } from '../../src/api/method.ts';
import { ByteBudget } from '../../src/http/byte-budget.ts';
import { DEFAULT_HTTP_LIMITS } from '../../src/http/limits.ts';
import { sendAnswer } from '../../src/http/send-answer.ts';
import { startingHttp } from './starting-http.ts';
import { conversation, RawHttp } from './raw-http.ts';

const start = startingHttp();

const OPERATIONS = 'google.longrunning.Operations';
const HOST = 'Host: x\r\n';
const JSON_BODY = 'Content-Type: application/json\r\n';
const CANCEL = `POST /v1/operations/x:cancel HTTP/1.1\r\n${HOST}${JSON_BODY}`;

const statusOf = (reply: string): string => reply.slice('HTTP/1.1 '.length, 'HTTP/1.1 404'.length);
const reasonOf = (reply: string): string | undefined => /"reason": "(\w+)"/.exec(reply)?.[1];

describe('a request that is not HTTP is refused, and its connection closed', () => {
  const rows: readonly (readonly [what: string, request: string])[] = [
    ['two lengths', `${CANCEL}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a length and chunks', `${CANCEL}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks and a length', `${CANCEL}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n`],
    ['a list of lengths', `${CANCEL}Content-Length: 2, 2\r\n\r\n{}`],
    ['a length with a sign', `${CANCEL}Content-Length: +2\r\n\r\n{}`],
    ['a negative length', `${CANCEL}Content-Length: -1\r\n\r\n`],
    ['a length that is no number', `${CANCEL}Content-Length: 0x2\r\n\r\n{}`],
    ['chunked not last', `${CANCEL}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
    ['an unknown transfer coding', `${CANCEL}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunked twice', `${CANCEL}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n`],
    ['a chunk that is longer than its size', `${CANCEL}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n`],
    ['a chunk size that is no number', `${CANCEL}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ['a chunk size beyond all numbers', `${CANCEL}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}`],
    ['a name with a space before its colon', `${CANCEL}Content-Length : 2\r\n\r\n{}`],
    ['a folded header', `${CANCEL}X: a\r\n b\r\n\r\n`],
    ['lines that end in a line feed alone', `POST /v1/operations/x:cancel HTTP/1.1\nHost: x\n\n`],
    ['a zero byte in a header', `${CANCEL}X: a\0b\r\n\r\n`],
    ['no version', `GET /v1/operations/x\r\n${HOST}\r\n`],
    ['a version that is none', `GET /v1/operations/x HTTP/9.9\r\n${HOST}\r\n`],
    ['a space in the target', `GET /v1/operations/x y HTTP/1.1\r\n${HOST}\r\n`],
    ['two hosts', `GET /v1/operations/x HTTP/1.1\r\n${HOST}host: y\r\n\r\n`],
    ['a host that is none', 'GET /v1/operations/x HTTP/1.1\r\nHost: a b\r\n\r\n'],
    ['a host with a path', 'GET /v1/operations/x HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['a host with a name for it', 'GET /v1/operations/x HTTP/1.1\r\nHost: a@b\r\n\r\n'],
    ['a target of another host', `GET http://y/v1/operations/x HTTP/1.1\r\n${HOST}\r\n`],
    ['an own path of two hosts', `GET /livez HTTP/1.1\r\n${HOST}${HOST}\r\n`],
    ['no header', 'GET /v1/operations/x\r\n\r\n'],
    ['another major version', `GET /v1/operations/x HTTP/2.0\r\n${HOST}\r\n`],
    ['no text at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ];

  test.each(rows)('%s', async (_, request) => {
    const { address } = await start();
    const reply = await conversation(address, `${request}GET /v1/operations/smuggled HTTP/1.1\r\n${HOST}\r\n`);
    expect([statusOf(reply), reasonOf(reply)]).toEqual(['400', 'MALFORMED_HTTP']);
    expect(reply).not.toContain('smuggled');
  });

  test.each(['gzip, chunked', 'identity,chunked'])('%s', async (encoding) => {
    const { address } = await start();
    const body = '2\r\n{}\r\n0\r\n\r\n';
    const smuggled = `GET /v1/operations/smuggled HTTP/1.1\r\n${HOST}\r\n`;
    const reply = await conversation(address, `${CANCEL}Transfer-Encoding: ${encoding}\r\n\r\n${body}${smuggled}`);
    expect([statusOf(reply), reasonOf(reply)]).toEqual(['501', 'TRANSFER_ENCODING_NOT_SERVED']);
    expect(reply).not.toContain('smuggled');
  });

  test.each([
    ['a port', 'x:80'],
    ['an address', '[::1]:8080'],
    ['none', ''],
    ['a name with an underscore', 'my_service.ns.svc'],
    ['a path of a socket', '%2Frun%2Fx.sock'],
  ])('a host may be %s', async (_, host) => {
    const { address } = await start();
    const reply = await conversation(address, `GET /livez HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(statusOf(reply)).toBe('200');
  });

  test('a target may be in absolute form', async () => {
    const { address } = await start();
    const head = 'Host: A:80\r\nConnection: close\r\n\r\n';
    expect(statusOf(await conversation(address, `GET http://a:80/livez HTTP/1.1\r\n${head}`))).toBe('200');
  });

  test('no host', async () => {
    const { address } = await start();
    const reply = await conversation(address, 'GET /v1/operations/x HTTP/1.1\r\n\r\n');
    expect(statusOf(reply)).toBe('400');
  });
});

test('a page of a name that points here for a moment reads nothing', async () => {
  const { address, add } = await start();
  const { name } = await add({});
  const head = 'Host: evil.example\r\nUser-Agent: Mozilla/5.0\r\nConnection: close\r\n\r\n';
  const reply = await conversation(address, `GET /v1/${name} HTTP/1.1\r\n${head}`);
  expect([statusOf(reply), reasonOf(reply)]).toEqual(['403', 'HOST_NOT_ALLOWED']);
});

describe('sizes', () => {
  test('a header that is too large is 431', async () => {
    const { send } = await start();
    const reply = await send('/v1/operations/x', { headers: { large: 'x'.repeat(80_000) } });
    expect([reply.status, reasonOf(reply.text)]).toEqual([431, 'HEADER_TOO_LARGE']);
  });

  test('a URL that is too long is 414', async () => {
    const { send } = await start({ limits: { urlLengthMax: 100 } });
    const reply = await send(`/v1/operations/${'x'.repeat(100)}`);
    expect([reply.status, reasonOf(reply.text)]).toEqual([414, 'URL_TOO_LONG']);
  });

  test('a body whose length is too large is 413 before any of it is sent', async () => {
    const { address } = await start({ limits: { bodySizeMaxBytes: 100, lingerTimeoutMs: 1 } });
    const reply = await conversation(address, `${CANCEL}Content-Length: 101\r\n\r\n`);
    expect([statusOf(reply), reasonOf(reply)]).toEqual(['413', 'BODY_TOO_LARGE']);
  });

  test('a body that becomes too large is 413, and its sender reads that', async () => {
    const { address, send } = await start({ limits: { bodySizeMaxBytes: 100, lingerTimeoutMs: 60_000 } });
    const raw = new RawHttp(address).send(`${CANCEL}Transfer-Encoding: chunked\r\n\r\n`);
    for (let count = 0; count < 4; count += 1) raw.send(`40\r\n${' '.repeat(64)}\r\n`);
    await raw.until(/\r\n\r\n[^]*\}\n$/);
    expect([statusOf(raw.text), reasonOf(raw.text)]).toEqual(['413', 'BODY_TOO_LARGE']);
    // A close would have come before the answer to a later request.
    await send('/livez');
    expect(raw.isClosed).toBe(false);
    raw.send('0\r\n\r\n');
    expect(await raw.untilClosed()).toContain('connection: close');
  });

  test('of a refused body no more is taken than may linger', async () => {
    const limits = { bodySizeMaxBytes: 100, lingerSizeMaxBytes: 1000, lingerTimeoutMs: 60_000 };
    const { address } = await start({ limits });
    const raw = new RawHttp(address).send(`${CANCEL}Content-Length: 100000000\r\n\r\n${'x'.repeat(2000)}`);
    expect(statusOf(await raw.untilClosed())).toBe('413');
  });

  test('who asks before sending is told 413 without being invited', async () => {
    const { address } = await start({ limits: { bodySizeMaxBytes: 100, lingerTimeoutMs: 1 } });
    const reply = await conversation(address, `${CANCEL}Expect: 100-continue\r\nContent-Length: 101\r\n\r\n`);
    expect([statusOf(reply), reply.includes('100 Continue')]).toEqual(['413', false]);
  });

  test('who asks before sending is invited', async () => {
    const { address, add } = await start();
    const { name } = await add({ state: 'QUEUED' });
    const head = `POST /v1/${name}:cancel HTTP/1.1\r\n${HOST}${JSON_BODY}Connection: close\r\nContent-Length: 2\r\n`;
    const raw = new RawHttp(address).send(`${head}Expect: 100-continue\r\n\r\n`);
    await raw.until(/100 Continue/);
    expect(await raw.send('{}').untilClosed()).toContain('HTTP/1.1 200 OK');
  });

  test('who speaks HTTP/1.0 is not invited, as it would take that for the answer', async () => {
    const { address } = await start();
    const head = `POST /v1/operations/x:cancel HTTP/1.0\r\n${JSON_BODY}Content-Length: 2\r\nExpect: 100-continue\r\n`;
    const reply = await conversation(address, `${head}\r\n{}`);
    expect(statusOf(reply)).toBe('404');
  });

  test('another expectation is 417', async () => {
    const { send } = await start();
    const { address } = await start();
    const reply = await conversation(address, `${CANCEL}Connection: close\r\nExpect: wonders\r\n\r\n`);
    expect(statusOf(reply)).toBe('417');
    expect((await send('/livez')).status).toBe(200);
  });

  test('bodies are refused while those of all requests together are too large', async () => {
    const { address, send } = await start({ limits: { bufferedBytesMax: 10 } });
    const first = new RawHttp(address).send(`${CANCEL}Content-Length: 100\r\n\r\n${' '.repeat(50)}`);
    // The server has read it when it refuses another for its sake.
    let reply = await send('/v1/operations/x');
    while (reply.status !== 503) reply = await send('/v1/operations/x');
    expect([reasonOf(reply.text), reply.headers.get('retry-after')]).toEqual(['TOO_MANY_REQUESTS', '1']);
    first.send(' '.repeat(50));
    await first.until(/HTTP\/1\.1 503/);
    first.close();
    expect((await send('/v1/operations/x')).status).toBe(404);
  });

  test('a long page counts from when it is read, and is refused where there is no room for it', async () => {
    const operations = Array.from({ length: 1000 }, () => ({ name: 'x'.repeat(1000) }));
    const list: Method = {
      ...{ service: OPERATIONS, rpc: 'ListOperations', domain: () => '' },
      handle: ({ filter = '' }: { filter?: string }) =>
        Promise.resolve({ operations: operations.slice(0, Number(filter)) }),
    };
    const { send } = await start({ methods: [list], limits: { bufferedBytesMax: 1_000_000 } });
    const long = await send('/v1/operations?filter=1000');
    expect([long.status, reasonOf(long.text)]).toEqual([503, 'TOO_MANY_REQUESTS']);
    expect((await send('/v1/operations?filter=10')).status).toBe(200);
  });
});

describe('times', () => {
  test('a body that does not arrive is 408', async () => {
    const { address } = await start({ limits: { bodyTimeoutMs: 10, lingerTimeoutMs: 1 } });
    const reply = await conversation(address, `${CANCEL}Content-Length: 10\r\n\r\n{`);
    expect([statusOf(reply), reasonOf(reply)]).toEqual(['408', 'BODY_TIMEOUT']);
  });

  test('a reader that does not take a large answer is cut off', async () => {
    const { promise: cutOff, resolve } = Promise.withResolvers<boolean>();
    const answer = { status: 200, headers: {}, body: Buffer.alloc(64 * 1024 * 1024) };
    const options = { limits: { ...DEFAULT_HTTP_LIMITS, responseTimeoutMs: 10 }, budget: new ByteBudget(1) };
    const server = createServer((request, response) => {
      response.once('close', () => {
        resolve(response.writableFinished);
      });
      sendAnswer(request, response, answer, options);
      expect(options.budget.isFull).toBe(true);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const raw = new RawHttp(`127.0.0.1:${String(port)}`).pause().send(`GET / HTTP/1.1\r\n${HOST}\r\n`);
    expect([await cutOff, options.budget.isFull]).toEqual([false, false]);
    raw.close();
    server.close();
  });
});

test('a reader that does not take what is kept for all holds no room of others', async () => {
  const { promise: isFull, resolve } = Promise.withResolvers<boolean>();
  const answer = { status: 200, headers: {}, body: Buffer.alloc(64 * 1024 * 1024), isShared: true };
  const options = { limits: DEFAULT_HTTP_LIMITS, budget: new ByteBudget(1) };
  const server = createServer((request, response) => {
    sendAnswer(request, response, answer, options);
    resolve(options.budget.isFull);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const raw = new RawHttp(`127.0.0.1:${String(port)}`).pause().send(`GET / HTTP/1.1\r\n${HOST}\r\n`);
  expect(await isFull).toBe(false);
  raw.close();
  server.close();
});

test('a reader that asks for many small answers and takes none is cut off', async () => {
  const { promise: cutOff, resolve } = Promise.withResolvers<undefined>();
  const answer = { status: 200, headers: {}, body: Buffer.alloc(64 * 1024) };
  const options = { limits: { ...DEFAULT_HTTP_LIMITS, responseTimeoutMs: 10 }, budget: new ByteBudget(1) };
  const server = createServer((request, response) => {
    response.once('close', () => {
      if (!response.writableFinished) resolve(undefined);
    });
    sendAnswer(request, response, answer, options);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const raw = new RawHttp(`127.0.0.1:${String(port)}`).pause().send(`GET / HTTP/1.1\r\n${HOST}\r\n`.repeat(500));
  await expect(cutOff).resolves.toBeUndefined();
  raw.close();
  server.close();
});

describe('counts', () => {
  const wait = (name: string, more = ''): string => `POST /v1/${name}:wait HTTP/1.1\r\n${HOST}${more}\r\n`;

  test('requests beyond the number on one connection are 503 in their turn, and close it', async () => {
    const { address, add, succeed } = await start({ limits: { pipelineCountMax: 2 } });
    const { name } = await add({ state: 'RUNNING' });
    const raw = new RawHttp(address).send(wait(name).repeat(4));
    await succeed(name);
    const statuses = (await raw.untilClosed()).match(/HTTP\/1\.1 \d+/g);
    expect(statuses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 503']);
  });

  test('requests beyond the number in all are 503, and are served again when others have gone', async () => {
    const { address, add, send } = await start({ limits: { requestCountMax: 1 } });
    const { name } = await add({ state: 'RUNNING' });
    const raw = new RawHttp(address).send(wait(name));
    let reply = await send(`/v1/${name}`);
    while (reply.status !== 503) reply = await send(`/v1/${name}`);
    expect(reasonOf(reply.text)).toBe('TOO_MANY_REQUESTS');
    expect((await send('/livez')).status).toBe(200);
    raw.close();
    while (reply.status !== 200) reply = await send(`/v1/${name}`);
    expect(reply.status).toBe(200);
  });

  test('an answer that waits behind another one is let go with its connection', async () => {
    const { promise: isMade, resolve: make } = Promise.withResolvers<undefined>();
    const { promise: never } = Promise.withResolvers<object>();
    const stuck = { service: OPERATIONS, rpc: 'WaitOperation', domain: () => '', handle: () => never };
    const large = {
      ...stuck,
      rpc: 'GetOperation',
      handle: () => {
        setImmediate(make, undefined);
        return Promise.resolve({ name: 'x'.repeat(100_000) });
      },
    };
    const { address, send } = await start({ methods: [stuck, large], limits: { bufferedBytesMax: 1 } });
    const raw = new RawHttp(address).send(`${wait('operations/x')}GET /v1/operations/x HTTP/1.1\r\n${HOST}\r\n`);
    await isMade;
    expect((await send('/v1/operations/x')).status).toBe(503);
    raw.close();
    let reply = await send('/v1/operations/x');
    while (reply.status === 503) reply = await send('/v1/operations/x');
    expect(reply.status).toBe(200);
  });

  test('answers come in the order of the requests', async () => {
    const { address, add, succeed } = await start();
    const { name } = await add({ state: 'RUNNING' });
    const raw = new RawHttp(address);
    raw.send(`${wait(name)}GET /v1/operations/other HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    await succeed(name);
    const statuses = (await raw.untilClosed()).match(/HTTP\/1\.1 \d+/g);
    expect(statuses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404']);
  });
});

test('a caller that leaves ends the work for it', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<undefined>();
  const method: Method = {
    service: 'google.longrunning.Operations',
    rpc: 'GetOperation',
    domain: () => '',
    handle: (_request, { signal }) => {
      begin(undefined);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          resolve(signal.reason);
          reject(signal.reason as Error);
        });
      });
    },
  };
  const { address, log } = await start({ methods: [method] });
  const raw = new RawHttp(address).send(`GET /v1/operations/x HTTP/1.1\r\n${HOST}\r\n`);
  await begun;
  raw.close();
  expect(await promise).toMatchObject({ info: { reason: 'CALL_CANCELLED' } });
  expect(log.ofLevel('error')).toEqual([]);
});
