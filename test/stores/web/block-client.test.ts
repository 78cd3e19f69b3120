import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Code } from '../../../src/core/code.ts';
import { BlockClient } from '../../../src/stores/web/block-client.ts';
import { DEFAULT_WEB_LIMITS, type WebLimits } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import type { StreamedResponse, WebRequest } from '../../../src/stores/web/web-request.ts';
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../../support/loopback-certificate.ts';
import { LOOPBACK_POLICY } from '../../support/web-server.ts';

const LIMITS: WebLimits = { ...DEFAULT_WEB_LIMITS, blockSizeBytes: 16 * 1024, overflowSizeBytes: 4096 };
const BYTES = Buffer.from(Uint8Array.from({ length: 1_000_003 }, (_, place) => (place * 7919) % 251));
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Calls back with each socket and each request's head, whatever its end. */
type Script = (socket: Socket, requestNumber: number) => void;

async function serve(script: Script, host = '127.0.0.1'): Promise<string> {
  const sockets = new Set<Socket>();
  let requestCount = 0;
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.on('data', (bytes) => {
      // A request is one packet here.
      if (bytes.toString('latin1').endsWith('\r\n\r\n')) script(socket, (requestCount += 1));
    });
  });
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return listening(server, end, host);
}

async function listening(server: Server, before: () => void, host = '127.0.0.1'): Promise<string> {
  server.listen(0, host);
  await once(server, 'listening');
  cleanups.push(async () => {
    before();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function newClient(limits: Partial<WebLimits> = {}, certificates?: readonly string[]): BlockClient {
  const connect = { policy: LOOPBACK_POLICY, connectTimeoutMs: 5000 };
  const client = new BlockClient(
    { ...LIMITS, ...limits },
    { ...connect, ...(certificates === undefined ? {} : { certificates }) },
  );
  cleanups.push(() => {
    client.close();
  });
  return client;
}

function get(origin: string, more: Partial<WebRequest> = {}): WebRequest {
  const { signal } = new AbortController();
  return { method: 'GET', origin, target: '/k', headers: {}, resource: 's3://b/k', signal, ...more };
}

function answer(body: Uint8Array, head = 'HTTP/1.1 200 OK'): Buffer {
  return Buffer.concat([Buffer.from(`${head}\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
}

/** Each chunk is copied before the next is asked for, some of them late. */
async function read(response: StreamedResponse | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response?.body ?? []) {
    if (chunks.length % 3 === 0) await turn();
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

describe('a body', () => {
  test('comes whole, in blocks that are used again', async () => {
    const origin = await serve((socket) => socket.write(answer(BYTES)));
    const response = await newClient().open(get(origin));
    const memory = new Set<ArrayBufferLike>();
    const chunks: Buffer[] = [];
    for await (const chunk of response?.body ?? []) {
      memory.add(chunk.buffer);
      await turn();
      chunks.push(Buffer.from(chunk));
    }
    expect(Buffer.concat(chunks).equals(BYTES)).toBe(true);
    expect(memory.size).toBe(LIMITS.blockCount);
  });

  test('comes whole when head and body come byte by byte', async () => {
    const bytes = answer(Buffer.from('a small body'));
    const origin = await serve((socket) => {
      void (async () => {
        for (const byte of bytes) {
          await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
          await turn();
        }
      })();
    });
    expect(String(await read(await newClient().open(get(origin))))).toBe('a small body');
  });

  test('may be empty', async () => {
    const origin = await serve((socket) => socket.write(answer(Buffer.alloc(0))));
    const response = await newClient().open(get(origin));
    expect([response?.status, (await read(response)).length]).toEqual([200, 0]);
  });

  test('is followed by the next answer on the same connection', async () => {
    const sockets = new Set<Socket>();
    const origin = await serve((socket, number) => {
      sockets.add(socket);
      socket.write(answer(BYTES.subarray(number)));
    });
    const client = newClient();
    for (const number of [1, 2, 3]) {
      expect((await read(await client.open(get(origin)))).equals(BYTES.subarray(number))).toBe(true);
    }
    expect(sockets.size).toBe(1);
  });

  test('that is left early is not mixed with the next one', async () => {
    const origin = await serve((socket, number) => socket.write(answer(BYTES.subarray(number))));
    const client = newClient();
    for await (const _ of (await client.open(get(origin)))?.body ?? []) break;
    expect((await read(await client.open(get(origin)))).equals(BYTES.subarray(2))).toBe(true);
  });

  test('comes whole by TLS, which does not stop in the middle of what it has', async () => {
    const server = createHttpsServer({ cert: LOOPBACK_CERTIFICATE, key: LOOPBACK_KEY }, (_, response) => {
      response.writeHead(200, { 'content-length': BYTES.length }).end(BYTES);
    });
    const plain = await listening(server, () => {
      server.closeAllConnections();
    });
    const origin = plain.replace('http:', 'https:');
    const client = newClient({ blockSizeBytes: 5000, overflowSizeBytes: 100 }, [LOOPBACK_CERTIFICATE]);
    expect((await read(await client.open(get(origin)))).equals(BYTES)).toBe(true);
    expect((await read(await client.open(get(origin)))).equals(BYTES)).toBe(true);
  });
});

describe('a body that breaks', () => {
  test('by a cut is UNAVAILABLE behind its bytes, not ended', async () => {
    const origin = await serve((socket) => socket.end(answer(BYTES).subarray(0, 70_000)));
    const reading = newClient().open(get(origin)).then(read);
    await expect(reading).rejects.toMatchObject({ code: Code.UNAVAILABLE, info: { reason: 'CONNECTION_FAILED' } });
  });

  test('by silence is DEADLINE_EXCEEDED', async () => {
    const origin = await serve((socket) => socket.write(answer(BYTES).subarray(0, 70_000)));
    const reading = newClient({ stallTimeoutMs: 50 }).open(get(origin)).then(read);
    await expect(reading).rejects.toMatchObject({ code: Code.DEADLINE_EXCEEDED, info: { reason: 'SERVICE_STALLED' } });
  });

  test('by bytes that nobody announced fails', async () => {
    const more = Buffer.concat([answer(BYTES), Buffer.from('more')]);
    const origin = await serve((socket) => socket.write(more));
    const reading = newClient().open(get(origin)).then(read);
    await expect(reading).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  });
});

test('bytes between two answers end the connection, and are not taken for the next one', async () => {
  const late = Promise.withResolvers<Socket>();
  const origin = await serve((socket, number) => {
    if (number === 1) late.resolve(socket);
    socket.write(answer(Buffer.from(`answer ${number}`)));
  });
  const client = newClient();
  await read(await client.open(get(origin)));
  const socket = await late.promise;
  socket.write(answer(Buffer.from('injected')));
  await once(socket, 'close');
  expect(String(await read(await client.open(get(origin))))).toBe('answer 2');
});

test('an error has the beginning of its text in place of a body', async () => {
  const origin = await serve((socket) => socket.write(answer(BYTES, 'HTTP/1.1 503 Slow Down\r\nretry-after: 3')));
  const response = await newClient({ errorSizeBytesMax: 20_000 }).open(get(origin));
  expect([response?.status, response?.headers['retry-after'], response?.body]).toEqual([503, '3', undefined]);
  expect(response?.bytes.length).toBeGreaterThanOrEqual(20_000);
  expect(response?.bytes.length).toBeLessThan(BYTES.length);
});

test('an answer in chunks is read by the whole client all the same, and its server is not tried again', async () => {
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n';
  const origin = await serve((socket) => socket.write(chunked));
  const blocks = newClient();
  expect([await blocks.open(get(origin)), await blocks.open(get(origin))]).toEqual([undefined, undefined]);
  const client = new WebClient({ limits: LIMITS, policy: LOOPBACK_POLICY });
  cleanups.push(() => client.close());
  const expectedSizeBytes = LIMITS.blockReadSizeBytesMin;
  expect(String(await read(await client.open(get(origin, { expectedSizeBytes }))))).toBe('body');
});

test.each([
  [404, 'plain'],
  [412, 'plain'],
  [429, undefined],
  [503, undefined],
])('after an error %i in chunks, as S3 sends them, the next answer is %s', async (status, text) => {
  const chunked = `HTTP/1.1 ${status} No\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`;
  const origin = await serve((socket, number) => socket.write(number === 1 ? chunked : answer(Buffer.from('plain'))));
  const client = newClient();
  expect(await client.open(get(origin))).toBeUndefined();
  const next = await client.open(get(origin));
  expect(next === undefined ? undefined : String(await read(next))).toBe(text);
});

test('a head without an end is left alone after its limit', async () => {
  const origin = await serve((socket) => socket.write(`HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(100_000)}`));
  expect(await newClient().open(get(origin))).toBeUndefined();
});

test('with all connections in use it is left to others', async () => {
  const origin = await serve((socket) => socket.write(answer(BYTES)));
  const client = newClient({ connectionsPerOriginMax: 1 });
  const first = await client.open(get(origin));
  expect(await client.open(get(origin))).toBeUndefined();
  await read(first);
  expect((await read(await client.open(get(origin)))).length).toBe(BYTES.length);
});

test('a server that is not there is UNAVAILABLE, and one whose address is forbidden is not asked', async () => {
  const client = newClient();
  await expect(client.open(get('http://127.0.0.1:1'))).rejects.toMatchObject({
    code: Code.UNAVAILABLE,
    info: { metadata: { resource: 's3://b/k', cause: 'ECONNREFUSED' } },
  });
  await expect(client.open(get('http://127.0.0.2:1'))).rejects.toMatchObject({ info: { reason: 'EGRESS_REFUSED' } });
});

describe('an abort', () => {
  test('ends a request with its reason, and its socket', async () => {
    const abort = new AbortController();
    const closed = Promise.withResolvers<unknown>();
    const origin = await serve((socket) => {
      socket.on('close', closed.resolve);
      abort.abort(new Error('enough'));
    });
    await expect(newClient().open(get(origin, { signal: abort.signal }))).rejects.toThrow('enough');
    await closed.promise;
  });

  test('ends a body with its reason, though there is more of it, and its socket', async () => {
    const abort = new AbortController();
    const closed = Promise.withResolvers<unknown>();
    const origin = await serve((socket) => socket.on('close', closed.resolve).write(answer(BYTES)));
    const response = await newClient().open(get(origin, { signal: abort.signal }));
    await response?.body?.next();
    abort.abort(new Error('enough'));
    await expect(response?.body?.next()).rejects.toThrow('enough');
    await closed.promise;
  });
});

test('an abort of a request that got an idle connection is not missed', async () => {
  const origin = await serve((socket) => socket.write(answer(Buffer.from('answer'))));
  const client = newClient();
  await read(await client.open(get(origin)));
  const abort = new AbortController();
  const opening = client.open(get(origin, { signal: abort.signal }));
  abort.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
});

test('a head that comes too slowly is DEADLINE_EXCEEDED, though there is never a silence', async () => {
  const origin = await serve((socket) => {
    const drip = (): void => {
      if (!socket.destroyed) socket.write('x', () => setImmediate(drip));
    };
    socket.write('HTTP/1.1 200 OK\r\nx-a: ', drip);
  });
  const opening = newClient({ responseTimeoutMs: 500 }).open(get(origin));
  await expect(opening).rejects.toMatchObject({ code: Code.DEADLINE_EXCEEDED, info: { reason: 'SERVICE_STALLED' } });
});

test('an IPv6 address is connected to', async () => {
  const plain = await serve((socket) => socket.write(answer(BYTES)), '::1');
  const policy = [{ host: '::1', isPrivateAllowed: true }];
  const client = new BlockClient(LIMITS, { policy, connectTimeoutMs: 5000 });
  cleanups.push(() => {
    client.close();
  });
  const response = await client.open(get(plain.replace('127.0.0.1', '[::1]')));
  expect((await read(response)).equals(BYTES)).toBe(true);
});

test('a certificate that nobody trusts is refused', async () => {
  const server = createHttpsServer({ cert: LOOPBACK_CERTIFICATE, key: LOOPBACK_KEY });
  const origin = (await listening(server, () => undefined)).replace('http:', 'https:');
  await expect(newClient().open(get(origin))).rejects.toMatchObject({ info: { reason: 'CERTIFICATE_NOT_TRUSTED' } });
});

test('close() while a connection is made leaves no socket', async () => {
  const closed = Promise.withResolvers<unknown>();
  const server = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .on('close', closed.resolve)
      .resume(),
  );
  const origin = await listening(server, () => undefined);
  const client = newClient();
  const opening = client.open(get(origin));
  client.close();
  await expect(opening).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  await closed.promise;
});

test('after close() requests fail, those under way and later ones', async () => {
  const asked = Promise.withResolvers<unknown>();
  const origin = await serve(asked.resolve);
  const client = newClient();
  const opening = client.open(get(origin));
  await Promise.race([asked.promise, opening]);
  client.close();
  await expect(opening).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  expect(await client.open(get(origin))).toBeUndefined();
});
