import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import type { HttpLimits } from '../../src/http/limits.ts';
import type { HttpServer } from '../../src/http/server.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { createHttpServer } from './http-server.ts';

let servers: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(servers.map((server) => server.close(0)));
  servers = [];
  stalled = [];
});

/** What /livez is told. */
let stalled: readonly string[] = [];

async function start(check: () => Promise<void> = () => Promise.resolve(), limits: Partial<HttpLimits> = {}) {
  const log = new RecordingLogger();
  const server = createHttpServer({ check, stalledLoops: () => stalled, limits }, log);
  servers.push(server);
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, log, address, url: (path: string) => `http://${address}${path}` };
}

const failing = () => Promise.reject(new Error('connection to db.internal refused'));

describe('/livez', () => {
  test('is 200 with JSON whatever the database does', async () => {
    const { url } = await start(failing);
    const response = await fetch(url('/livez'));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=UTF-8']);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ status: 'SERVING' });
  });

  test('is 503 when a loop has stopped turning, and names it', async () => {
    const { url } = await start();
    stalled = ['claim'];
    const response = await fetch(url('/livez'));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('claim') } });
  });

  test('is 200 while the sidecar drains', async () => {
    const { url, server } = await start();
    server.drain();
    expect((await fetch(url('/livez'))).status).toBe(200);
  });
});

describe('/readyz', () => {
  test('is 200 when the check passes, with any query', async () => {
    const { url } = await start();
    expect((await fetch(url('/readyz?verbose'))).status).toBe(200);
  });

  test('is 503 when the check fails, and says nothing of what is inside', async () => {
    const { url } = await start(failing);
    const response = await fetch(url('/readyz'));
    const text = await response.text();
    expect(response.status).toBe(503);
    expect(text).not.toContain('db.internal');
    expect(JSON.parse(text)).toMatchObject({
      error: {
        code: 503,
        status: 'UNAVAILABLE',
        details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'CHECK_FAILED' }],
      },
    });
  });

  test('is 503 when the check takes too long', async () => {
    const { url } = await start(() => new Promise(() => {}), { readyCheckTimeoutMs: 10 });
    expect((await fetch(url('/readyz'))).status).toBe(503);
  });

  test('is 503 from the start of a drain, without a check', async () => {
    const { url, server } = await start();
    server.drain();
    const response = await fetch(url('/readyz'));
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { error: { details: [{ reason: 'DRAINING' }] } },
    ]);
  });

  test('logs what it found when that changes', async () => {
    let isUp = false;
    const { url, log } = await start(() =>
      isUp ? Promise.resolve() : Promise.reject(new StatusError(Code.UNAVAILABLE, 'down', { reason: 'DOWN' })),
    );
    await fetch(url('/readyz'));
    await fetch(url('/readyz'));
    isUp = true;
    await fetch(url('/readyz'));
    expect(log.records.map((line) => [line.level, line.message])).toEqual([
      ['warn', 'not ready'],
      ['info', 'ready again'],
    ]);
  });

  test('checks once for all who ask at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let checkCount = 0;
    const { url } = await start(() => {
      checkCount += 1;
      return promise;
    });
    const answers = Array.from({ length: 5 }, () => fetch(url('/readyz')));
    // The five are there when the check of the first has begun and a sixth, of /livez, is answered.
    while (checkCount === 0) await fetch(url('/livez'));
    resolve(undefined);
    await Promise.all(answers);
    expect(checkCount).toBeLessThan(5);
  });
});

describe('a request that is not for us', () => {
  test('is 404 with JSON at another path', async () => {
    const { url } = await start();
    const response = await fetch(url('/v1/transferJobs'));
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { error: { code: 404, status: 'NOT_FOUND' } },
    ]);
  });

  test('is 405 with another method', async () => {
    const { url } = await start();
    const response = await fetch(url('/livez'), { method: 'POST', body: 'x'.repeat(100_000) });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  test('is 431 when its header is too large', async () => {
    const { url } = await start();
    expect((await fetch(url('/livez'), { headers: { large: 'x'.repeat(80_000) } })).status).toBe(431);
  });

  test('is cut off when its header never ends', async () => {
    const { address } = await start(undefined, { headerTimeoutMs: 20 });
    const [host, port] = address.split(':');
    const socket = connect(Number(port), host);
    socket.write('GET /livez HTTP/1.1\r\n');
    const { promise, resolve } = Promise.withResolvers<string>();
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('close', () => resolve(text));
    expect(await promise).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test('HEAD has the headers of GET and no body', async () => {
  const { url } = await start();
  const response = await fetch(url('/readyz'), { method: 'HEAD' });
  expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '20', '']);
});

test('listens at a Unix socket', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'http-'));
  const socketPath = join(directory, 'socket');
  const server = createHttpServer();
  servers.push(server);
  expect(await server.listen({ path: socketPath })).toBe(`unix:${socketPath}`);
  const status = await new Promise((resolve) =>
    request({ socketPath, path: '/livez' }, (reply) => resolve(reply.statusCode)).end(),
  );
  expect(status).toBe(200);
  await server.close(0);
  servers = [];
  rmSync(directory, { recursive: true });
});

test('refuses an address that is taken', async () => {
  const { address } = await start();
  const server = createHttpServer();
  await expect(server.listen({ host: '127.0.0.1', port: Number(address.split(':')[1]) })).rejects.toMatchObject({
    info: { reason: 'ADDRESS_UNAVAILABLE' },
  });
});

test('close lets an open request finish, and cuts off one that does not', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const check = jest.fn(() => promise);
  const isAsked = () => check.mock.calls.length > 0;
  const { url, server } = await start(check);
  const answer = fetch(url('/readyz'));
  while (!isAsked()) await new Promise(setImmediate);
  const closed = server.close(5000);
  resolve(undefined);
  expect((await answer).status).toBe(200);
  await closed;
});
