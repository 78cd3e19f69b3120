import { afterEach, describe, expect, test } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Code } from '../../../src/core/code.ts';
import type { EgressPolicy } from '../../../src/stores/web/egress.ts';
import type { Lookup } from '../../../src/stores/web/guarded-connect.ts';
import { DEFAULT_WEB_LIMITS, type WebLimits } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { retryAfterMs, statusFailure } from '../../../src/stores/web/web-failure.ts';
import type { WebRequest } from '../../../src/stores/web/web-request.ts';
import { LOOPBACK_POLICY, startWebServer, type WebServer } from '../../support/web-server.ts';

const never = new AbortController().signal;

let server: WebServer;
let client: WebClient;

async function start(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  limits: Partial<WebLimits> = {},
): Promise<void> {
  server = await startWebServer(answer);
  client = new WebClient({ limits: { ...DEFAULT_WEB_LIMITS, ...limits }, policy: LOOPBACK_POLICY });
}

afterEach(async () => {
  await client.close();
  await server.close();
});

function get(more: Partial<WebRequest> = {}): WebRequest {
  return {
    method: 'GET',
    origin: server.origin,
    target: '/k',
    headers: {},
    resource: 's3://b/k',
    signal: never,
    ...more,
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function* texts(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

test('sends the target and the headers as they are, and gives back any answer', async () => {
  await start((request, response) => {
    response.writeHead(418, { 'X-Seen': `${request.url ?? ''} ${request.headers['x-a'] as string}` }).end('teapot');
  });
  const { status, headers, bytes } = await client.send(get({ target: '/a%2Fb%20c?x=%7E&y', headers: { 'x-a': '1' } }));
  expect([status, headers['x-seen'], Buffer.from(bytes).toString()]).toEqual([418, '/a%2Fb%20c?x=%7E&y 1', 'teapot']);
});

test('follows no redirect', async () => {
  await start((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
  expect((await client.open(get())).status).toBe(302);
});

test.each([
  ['as bytes', 3_000_000],
  ['as bytes below the size of a slice', 3000],
])('sends a body %s with its length', async (_, size) => {
  await start((request, response) => {
    void bodyOf(request).then((body) => response.end(`${request.headers['content-length'] ?? ''} ${body.length}`));
  });
  const { bytes } = await client.send(get({ method: 'PUT', body: Buffer.alloc(size, 7) }));
  expect(Buffer.from(bytes).toString()).toBe(`${size} ${size}`);
});

test('sends a body as it comes', async () => {
  await start((request, response) => {
    void bodyOf(request).then((body) => response.end(body));
  });
  const headers = { 'content-length': '4' };
  const { bytes } = await client.send(get({ method: 'PUT', headers, body: texts('ab', 'cd') }));
  expect(Buffer.from(bytes).toString()).toBe('abcd');
});

test('an error of the body is thrown as it is', async () => {
  await start((request) => request.on('error', () => {}).resume());
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('ab');
    throw new Error('source broke');
  }
  const sending = client.send(get({ method: 'PUT', headers: { 'content-length': '4' }, body: broken() }));
  await expect(sending).rejects.toThrow('source broke');
});

describe('a streamed answer', () => {
  test('comes in pieces', async () => {
    await start((_, response) => response.end(Buffer.alloc(5_000_000, 1)));
    const { body } = await client.open(get());
    let size = 0;
    for await (const chunk of body ?? []) size += chunk.length;
    expect(size).toBe(5_000_000);
  });

  test('that is an error has the beginning of its text instead', async () => {
    await start((_, response) => response.writeHead(404).end('x'.repeat(1000)), { errorSizeBytesMax: 100 });
    const { status, body, bytes } = await client.open(get());
    expect([status, body]).toEqual([404, undefined]);
    expect(bytes.length).toBeGreaterThanOrEqual(100);
  });

  test('that is left early closes its socket', async () => {
    const closed = Promise.withResolvers<unknown>();
    await start((_, response) => {
      response.on('close', closed.resolve);
      response.write(Buffer.alloc(100_000));
    });
    const { body } = await client.open(get());
    for await (const _ of body ?? []) break;
    await closed.promise;
  });

  test('that is cut fails after its bytes, not with an early end', async () => {
    await start((_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('abc', () => response.socket?.destroy());
    });
    const { body } = await client.open(get());
    const reading = (async () => {
      for await (const _ of body ?? []);
    })();
    await expect(reading).rejects.toMatchObject({ code: Code.UNAVAILABLE, info: { reason: 'CONNECTION_FAILED' } });
  });

  test('that stalls is DEADLINE_EXCEEDED', async () => {
    await start((_, response) => response.writeHead(200, { 'content-length': '10' }).write('abc'), {
      stallTimeoutMs: 50,
    });
    const { body } = await client.open(get());
    const reading = (async () => {
      for await (const _ of body ?? []);
    })();
    await expect(reading).rejects.toMatchObject({ code: Code.DEADLINE_EXCEEDED, info: { reason: 'SERVICE_STALLED' } });
  });
});

test('a server that takes no bytes of a body stalls', async () => {
  await start((request) => request.pause(), { responseTimeoutMs: 50 });
  const sending = client.send(get({ method: 'PUT', body: Buffer.alloc(30_000_000) }));
  await expect(sending).rejects.toMatchObject({ code: Code.DEADLINE_EXCEEDED });
});

test('a server that does not answer is DEADLINE_EXCEEDED, and one that is not there UNAVAILABLE', async () => {
  await start(() => {}, { responseTimeoutMs: 50 });
  await expect(client.send(get())).rejects.toMatchObject({ code: Code.DEADLINE_EXCEEDED });
  const { origin } = server;
  await server.close();
  await expect(client.send(get({ origin }))).rejects.toMatchObject({
    code: Code.UNAVAILABLE,
    info: { metadata: { resource: 's3://b/k', cause: 'ECONNREFUSED' } },
  });
});

test('an answer that is larger than a document may be is refused', async () => {
  await start((_, response) => response.end('x'.repeat(200_000)), { documentSizeBytesMax: 100_000 });
  await expect(client.send(get())).rejects.toMatchObject({ code: Code.RESOURCE_EXHAUSTED, isFinal: true });
});

describe('an abort', () => {
  test('before the start sends nothing', async () => {
    let requestCount = 0;
    await start((_, response) => {
      requestCount += 1;
      response.end();
    });
    await expect(client.send(get({ signal: AbortSignal.abort(new Error('enough')) }))).rejects.toThrow('enough');
    expect(requestCount).toBe(0);
  });

  test('ends a request with its reason, and its socket', async () => {
    const closed = Promise.withResolvers<unknown>();
    const abort = new AbortController();
    await start((_, response) => {
      response.on('close', closed.resolve);
      abort.abort(new Error('enough'));
    });
    await expect(client.send(get({ signal: abort.signal }))).rejects.toThrow('enough');
    await closed.promise;
  });

  test('ends a body with its reason, and its socket', async () => {
    const closed = Promise.withResolvers<unknown>();
    const abort = new AbortController();
    await start((_, response) => {
      response.on('close', closed.resolve);
      response.write('abc');
    });
    const { body } = await client.open(get({ signal: abort.signal }));
    await body?.next();
    const next = body?.next();
    abort.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    await closed.promise;
  });

  test('ends a request that waits for a connection', async () => {
    await start(() => {}, { connectionsPerOriginMax: 1 });
    const abort = new AbortController();
    const first = client.send(get({ signal: abort.signal }));
    const second = client.send(get({ signal: abort.signal }));
    abort.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    await expect(second).rejects.toThrow('enough');
  });
});

test('keeps no more connections to one origin than it may', async () => {
  const arrivals: PromiseWithResolvers<ServerResponse>[] = [1, 2, 3].map(() => Promise.withResolvers());
  let count = 0;
  await start((_, response) => arrivals[count++]?.resolve(response), { connectionsPerOriginMax: 2 });
  const sending = arrivals.map(() => client.send(get()));
  for (const { promise } of arrivals) {
    const response = await promise;
    expect(await server.connectionCount()).toBeLessThanOrEqual(2);
    response.end();
  }
  await Promise.all(sending);
});

describe('the policy', () => {
  async function refused(host: string, policy: EgressPolicy, lookup?: Lookup): Promise<unknown> {
    await start((_, response) => response.end('inside'));
    await client.close();
    client = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy, ...(lookup === undefined ? {} : { lookup }) });
    const { port } = new URL(server.origin);
    return client.send(get({ origin: `http://${host}:${port}` })).catch((error: unknown) => error);
  }

  const PUBLIC: EgressPolicy = [{ host: '*', isPrivateAllowed: false }];
  const REFUSED = { code: Code.PERMISSION_DENIED, info: { reason: 'EGRESS_REFUSED' } };

  test('holds for an address in place of a name', async () => {
    expect(await refused('127.0.0.1', PUBLIC)).toMatchObject(REFUSED);
  });

  test('holds for other spellings of an address', async () => {
    expect(await refused('0x7f000001', PUBLIC)).toMatchObject(REFUSED);
  });

  test('holds for the address that a name has when the socket connects, whatever it had before', async () => {
    const answers = ['8.8.8.8', '127.0.0.1'];
    const rebinding: Lookup = (_host, _options, callback) => {
      callback(null, [{ address: answers.pop() ?? '127.0.0.1', family: 4 }]);
    };
    expect(await refused('rebind.example.com', PUBLIC, rebinding)).toMatchObject(REFUSED);
  });

  test('refuses a name that it does not know without asking for its address', async () => {
    const lookup: Lookup = () => {
      throw new Error('asked');
    };
    expect(await refused('other.example.com', LOOPBACK_POLICY, lookup)).toMatchObject(REFUSED);
  });

  test('lets a name through that may be private', async () => {
    const lookup: Lookup = (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
    const policy = [{ host: 'minio.internal', isPrivateAllowed: true }];
    expect(await refused('minio.internal', policy, lookup)).toMatchObject({ status: 200 });
  });
});

describe('the error of an answer', () => {
  const response = (status: number, headers = {}) => ({ status, headers, bytes: Buffer.alloc(0) });
  const request = { resource: 's3://b/k' };

  // TRANSFER.md §2.9: "404 NOT_FOUND; … 403 PERMISSION_DENIED; 401 UNAUTHENTICATED; … 5xx/reset UNAVAILABLE".
  test.each([
    [400, Code.INVALID_ARGUMENT],
    [401, Code.UNAUTHENTICATED],
    [403, Code.PERMISSION_DENIED],
    [404, Code.NOT_FOUND],
    [409, Code.FAILED_PRECONDITION],
    [412, Code.FAILED_PRECONDITION],
    [429, Code.RESOURCE_EXHAUSTED],
    [500, Code.UNAVAILABLE],
    [503, Code.UNAVAILABLE],
    [504, Code.DEADLINE_EXCEEDED],
    [599, Code.UNAVAILABLE],
  ])('%i has its code', (status, code) => {
    expect(statusFailure(request, response(status)).code).toBe(code);
  });

  test('names the object, the status and the words of the service', () => {
    const error = statusFailure(request, response(403), {
      serviceCode: 'AccessDenied',
      message: 'no',
      requestId: 'r1',
    });
    expect(error.message).toBe('s3://b/k: the credentials may not do this (HTTP 403, AccessDenied: no)');
    expect(error.info.metadata).toEqual({
      resource: 's3://b/k',
      status: '403',
      serviceCode: 'AccessDenied',
      requestId: 'r1',
    });
  });

  test('keeps Retry-After, in seconds or as a date', () => {
    const error = statusFailure(request, response(503, { 'retry-after': '7' }));
    expect([error.retryDelayMs, error.info.metadata?.['retryAfterMs']]).toEqual([7000, '7000']);
    const date = response(503, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' });
    expect(retryAfterMs(date, Date.parse('2026-10-21T07:27:50Z'))).toBe(10_000);
    expect(retryAfterMs(response(503, { 'retry-after': 'soon' }), 0)).toBeUndefined();
  });
});
