import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Method } from '../../src/api/method.ts';
import { operationsMethods } from '../../src/api/operations.ts';
import { SHAPING_HEADERS } from '../../src/http/known-gets.ts';
import { memoryOperations } from '../grpc/operations-server.ts';
import { createTranscoder, startHttp } from './http-server.ts';
import { conversation } from './raw-http.ts';

type Started = Awaited<ReturnType<typeof startHttp>>;

/** The empty name is no header. Of a GET they change nothing: what counts is whether a browser sends them, and programs may use any name. */
const OF_NO_GET = ['', 'host', 'content-type', 'x-http-method-override'];

describe('a GET that was answered before', () => {
  let http: Started;
  let name: string;

  beforeAll(async () => {
    http = await startHttp();
    ({ name } = await http.add({ state: 'RUNNING' }));
    await http.send(`/v1/${name}`);
  });

  afterAll(() => http.close());

  test('is answered alike, with the same headers', async () => {
    const [first, second] = [await http.send(`/v1/${name}?alt=json`), await http.send(`/v1/${name}?alt=json`)];
    const shown = ({ status, text, headers }: typeof first) => [status, text, [...headers.keys()], headers.get('etag')];
    expect(shown(second)).toEqual(shown(first));
  });

  test.each<[string, Record<string, string>, number, RegExp]>([
    ['a mask of fields', { 'x-goog-fieldmask': 'done' }, 200, /^\{\}\n$/],
    ['a user of a quota that is too long', { 'x-goog-quota-user': 'x'.repeat(41) }, 400, /more than 40 characters/],
    ['a wait', { prefer: 'wait=0' }, 200, /"name"/],
    ['a deadline that is none', { 'grpc-timeout': 'soon' }, 400, /grpc-timeout/],
    ['another deadline that is none', { 'x-server-timeout': 'soon' }, 400, /x-server-timeout/],
    ['a page by a public name', { origin: 'http://a.example', host: 'b.example' }, 403, /b\.example/],
    ['a body', { 'content-length': '2' }, 400, /body/],
    ['a body in chunks', { 'transfer-encoding': 'chunked' }, 400, /body/],
  ])('is read anew with %s', async (_, headers, status, text) => {
    const all = { host: http.address, connection: 'close', ...headers };
    const lines = Object.entries(all).map(([header, value]) => `${header}: ${value}\r\n`);
    const body = 'transfer-encoding' in headers ? '2\r\nxx\r\n0\r\n\r\n' : 'content-length' in headers ? 'xx' : '';
    const reply = await conversation(http.address, `GET /v1/${name} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
    expect(reply.slice(reply.indexOf('\r\n\r\n') + 4)).toMatch(text);
  });

  test('is answered without a body to a caller that has its answer', async () => {
    const first = await http.send(`/v1/${name}`);
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await http.send(`/v1/${name}`, { headers })).status).toBe(304);
  });

  test('shows what has changed since, and that it is gone', async () => {
    const { name: own } = await http.add({ name: 'operations/own', state: 'RUNNING' });
    for (const _ of [1, 2]) await http.send(`/v1/${own}`);
    await http.succeed(own);
    const done = await http.send(`/v1/${own}`);
    await http.send(`/v1/${own}`, { method: 'DELETE' });
    const gone = await http.send(`/v1/${own}`);
    const unknown = await http.send('/v1/operations/unknown');
    expect([done.json, gone.status]).toMatchObject([{ name: own, done: true }, 404]);
    expect(gone.text.replaceAll(own, '')).toBe(unknown.text.replaceAll('operations/unknown', ''));
  });
});

test('what fails within a GET that was answered before is logged with its method', async () => {
  let isBroken = false;
  const method: Method = {
    service: 'google.longrunning.Operations',
    rpc: 'GetOperation',
    domain: () => '',
    handle: () => (isBroken ? Promise.reject(new Error('broken')) : Promise.resolve({})),
  };
  const { send, log, close } = await startHttp({ methods: [method] });
  await send('/v1/operations/x');
  isBroken = true;
  expect((await send('/v1/operations/x')).status).toBe(500);
  expect(log.ofLevel('error')).toMatchObject([{ fields: { service: method.service, rpc: 'GetOperation' } }]);
  await close();
});

test('whatever else is looked at in a GET is known to shape it', async () => {
  const memory = memoryOperations();
  const transcoder = createTranscoder({ methods: operationsMethods(memory.operations) });
  const seen: Set<string>[] = [];
  const server = createServer((request, response) => {
    seen.push(watchHeaders(request));
    transcoder.serve(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { name } = await memory.add({ state: 'RUNNING' });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1/${name}`;
  for (const _ of [1, 2]) await fetch(url);
  server.close();
  await memory.release();
  const [first = new Set(), second = new Set()] = seen;
  const shaping = new Set<string>([...SHAPING_HEADERS, ...OF_NO_GET]);
  expect(first.size).toBeGreaterThan(5);
  expect([...first].filter((header) => !second.has(header) && !shaping.has(header))).toEqual([]);
});

/** @returns the names that are looked at from now on. */
function watchHeaders(request: IncomingMessage): Set<string> {
  const names = new Set<string>();
  const headers = new Proxy(request.headers, {
    get: (target, name: string) => {
      names.add(name);
      return target[name];
    },
  });
  Object.defineProperty(request, 'headers', { value: headers });
  return names;
}
