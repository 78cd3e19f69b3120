import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Method } from '../../src/api/method.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { packAny } from '../../src/schema/protos.ts';
import { startingHttp } from './starting-http.ts';

const start = startingHttp();

describe('operations over HTTP', () => {
  test('GET of an operation answers its JSON, indented', async () => {
    const { add, send } = await start();
    const { name } = await add({});
    const reply = await send(`/v1/${name}`);
    expect([reply.status, reply.headers.get('content-type'), reply.text]).toEqual([
      200,
      'application/json; charset=UTF-8',
      `{\n  "name": "${name}"\n}\n`,
    ]);
  });

  test('POST :cancel cancels, and answers an empty object', async () => {
    const { add, send, get } = await start();
    const { name } = await add({ state: 'QUEUED' });
    const reply = await send(`/v1/${name}:cancel`, { method: 'POST' });
    expect([reply.status, reply.json, (await get(name))?.state]).toEqual([200, {}, 'CANCELLED']);
  });

  test('POST :wait answers when the operation is done', async () => {
    const { add, send, succeed } = await start();
    const { name } = await add({ state: 'RUNNING' });
    const reply = send(`/v1/${name}:wait`, { method: 'POST', body: '{"timeout": "60s"}' });
    await succeed(name);
    expect((await reply).json).toMatchObject({ name, done: true });
  });

  test('the path wins over the body', async () => {
    const { add, send } = await start();
    const { name } = await add({ state: 'QUEUED' });
    const body = '{"name": "operations/other"}';
    expect((await send(`/v1/${name}:cancel`, { method: 'POST', body })).status).toBe(200);
  });
});

describe('a body that comes as gzip', () => {
  const gzipped = (body: string | Uint8Array, more: Readonly<Record<string, string>> = {}): RequestInit => ({
    method: 'POST',
    body: gzipSync(body),
    headers: { 'content-encoding': 'gzip', 'content-type': 'application/json; charset=UTF-8', ...more },
  });

  test('is read as what it was', async () => {
    const { add, address, succeed } = await start();
    const { name } = await add({ state: 'RUNNING' });
    const reply = fetch(`http://${address}/v1/${name}:wait`, gzipped('{"timeout": "60s"}'));
    await succeed(name);
    expect(await (await reply).json()).toMatchObject({ name, done: true });
  });

  // As Google's client for Java sends an empty request: twenty bytes, in a chunk, of no type.
  test('is empty where it holds nothing', async () => {
    const { add, address, get } = await start();
    const { name } = await add({ state: 'QUEUED' });
    const reply = await fetch(`http://${address}/v1/${name}:cancel`, gzipped('', { 'content-type': '' }));
    expect([reply.status, (await get(name))?.state]).toEqual([200, 'CANCELLED']);
  });

  test('may be a query', async () => {
    const { add, address } = await start();
    const { name } = await add({});
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'x-http-method-override': 'GET' };
    const reply = await fetch(`http://${address}/v1/${name}`, gzipped('fields=name&alt=json', form));
    expect(await reply.json()).toEqual({ name });
  });

  test('is refused as soon as more comes out of it than a body may have', async () => {
    const { address } = await start();
    const reply = await fetch(`http://${address}/v1/operations/x:cancel`, gzipped(Buffer.alloc(100_000_000, ' ')));
    const reason = 'BODY_TOO_LARGE';
    expect([reply.status, await reply.json()]).toMatchObject([413, { error: { details: [{ reason }] } }]);
  });

  test('counts among the bytes of all bodies, decompressed', async () => {
    const { address } = await start({ limits: { bufferedBytesMax: 1_000_000 } });
    const body = JSON.stringify({ name: 'x'.repeat(2_000_000) });
    const replies = [
      await fetch(`http://${address}/v1/operations/x:cancel`, gzipped(body)),
      await fetch(`http://${address}/v1/operations/x:cancel`, gzipped('{}')),
    ];
    expect(replies.map(({ status }) => status)).toEqual([503, 404]);
  });
});

test('an operation whose worker told a time that JSON has no form for is read, and does not hide the others of its list', async () => {
  const { add, send } = await start();
  const metadata = packAny('google.protobuf.Timestamp', { seconds: '8640000000001' });
  const { name: odd } = await add({ name: 'operations/odd', metadata });
  const { name: other } = await add({ name: 'operations/other' });
  const shown = { '@type': metadata.typeUrl, value: Buffer.from(metadata.value).toString('base64') };
  expect((await send(`/v1/${odd}`)).json).toEqual({ name: odd, metadata: shown });
  const list = (await send('/v1/operations')).json as { readonly operations: readonly object[] };
  expect(new Set(list.operations)).toEqual(new Set([{ name: odd, metadata: shown }, { name: other }]));
});

test('a cancel keeps whose it was', async () => {
  const { add, send, get } = await start();
  const { name } = await add({ state: 'RUNNING' });
  await send(`/v1/${name}:cancel`, { method: 'POST' });
  expect((await get(name))?.cancel?.actor).toMatch(/^127\.0\.0\.1:\d+$/);
});

test('a wait beyond their number is answered at once, and told when to come back', async () => {
  const { add, send } = await start({ operationsLimits: { waiterCountMax: 0, waitRetryDelayMs: 1500 } });
  const { name } = await add({ state: 'RUNNING' });
  const reply = await send(`/v1/${name}:wait`, { method: 'POST' });
  expect([reply.status, reply.json, reply.headers.get('retry-after')]).toEqual([200, { name }, '2']);
});

describe('ETag', () => {
  test('is the same until the answer differs, and a caller that has it is sent no body', async () => {
    const { add, send, succeed } = await start();
    const { name } = await add({ state: 'RUNNING' });
    const first = await send(`/v1/${name}`);
    const tag = first.headers.get('etag') ?? '';
    const headers = { 'if-none-match': `"other", W/${tag}` };
    const again = await send(`/v1/${name}`, { headers });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', tag]);
    await succeed(name);
    const later = await send(`/v1/${name}`, { headers });
    expect([later.status, later.headers.get('etag') === tag]).toEqual([200, false]);
  });

  test('differs between forms of one answer', async () => {
    const { add, send } = await start();
    const { name } = await add({});
    const tags = await Promise.all(['', '?prettyPrint=false'].map((query) => send(`/v1/${name}${query}`)));
    expect(new Set(tags.map(({ headers }) => headers.get('etag'))).size).toBe(2);
  });

  test('is not made of lists, nor of errors', async () => {
    const { send } = await start();
    const replies = await Promise.all([send('/v1/operations'), send('/v1/operations/none')]);
    expect(replies.map(({ status, headers }) => [status, headers.get('etag')])).toEqual([
      [200, null],
      [404, null],
    ]);
  });
});

describe('Prefer: wait', () => {
  test('on a generic operation waits for its end', async () => {
    const { add, send, succeed } = await start();
    const { name } = await add({ state: 'RUNNING' });
    const reply = send(`/v1/${name}`, { headers: { prefer: 'wait=60' } });
    await succeed(name);
    expect((await reply).json).toMatchObject({ name, done: true });
    expect((await reply).headers.get('preference-applied')).toBe('wait=60');
  });

  test('answers the operation as it is when the time is up', async () => {
    const { add, send } = await start();
    const { name } = await add({ state: 'RUNNING' });
    const reply = await send(`/v1/${name}`, { headers: { prefer: 'wait=0' } });
    expect([reply.status, reply.json]).toEqual([200, { name }]);
  });

  test('changes nothing where HTTP has no wait', async () => {
    const { add, send } = await start();
    const { name } = await add({ name: 'transferOperations/a', surface: 'storagetransfer', state: 'RUNNING' });
    const reply = await send(`/v1/${name}`, { headers: { prefer: 'wait=60' } });
    expect([reply.status, reply.headers.get('preference-applied')]).toEqual([200, null]);
  });
});

test('a wait is answered before the deadline that the caller has set', async () => {
  const { add, send } = await start({ operationsLimits: { waitMarginMs: 60_000 } });
  const { name } = await add({ state: 'RUNNING' });
  const reply = await send(`/v1/${name}:wait`, { method: 'POST', headers: { 'x-server-timeout': '60.01' } });
  expect([reply.status, reply.json]).toEqual([200, { name }]);
});

test('work that outlasts the deadline is 504', async () => {
  const stuck: Method = {
    service: 'google.longrunning.Operations',
    rpc: 'GetOperation',
    domain: () => '',
    handle: (_request, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      }),
  };
  const { send } = await start({ methods: [stuck] });
  const reply = await send('/v1/operations/x', { headers: { 'grpc-timeout': '1m' } });
  expect([reply.status, reply.json]).toMatchObject([504, { error: { status: 'DEADLINE_EXCEEDED' } }]);
});

test('a deadline beyond the longest timer is not taken for one that has passed', async () => {
  const late: Method = {
    service: 'google.longrunning.Operations',
    rpc: 'GetOperation',
    domain: () => '',
    handle: async (_request, { signal }) => {
      signal.throwIfAborted();
      // A timer that is too long is one of 1 ms, and fires before one of 1 ms that is set behind it.
      await setTimeout(1);
      signal.throwIfAborted();
      return {};
    },
  };
  const { send } = await start({ methods: [late] });
  expect((await send('/v1/operations/x', { headers: { 'x-server-timeout': '2147484' } })).status).toBe(200);
});

describe('methods of HTTP', () => {
  test('HEAD has the headers of GET and no body', async () => {
    const { add, send } = await start();
    const { name } = await add({});
    const [get, head] = await Promise.all([send(`/v1/${name}`), send(`/v1/${name}`, { method: 'HEAD' })]);
    const seen = (reply: typeof get) => ['etag', 'content-length', 'content-type'].map((one) => reply.headers.get(one));
    expect([head.status, head.text, seen(head)]).toEqual([200, '', seen(get)]);
  });

  test('OPTIONS names those of a path', async () => {
    const { send } = await start();
    const replies = await Promise.all(
      ['/v1/operations/x', '/v1/operations/x:cancel', '/none'].map((path) => send(path, { method: 'OPTIONS' })),
    );
    expect(replies.map(({ status, headers }) => [status, headers.get('allow')])).toEqual([
      [204, 'GET, DELETE, HEAD, OPTIONS'],
      [204, 'POST, OPTIONS'],
      [404, null],
    ]);
  });

  test.each(['/openapi.json', '/livez'])(
    '%s is read by pages of an origin that is allowed, and no others',
    async (path) => {
      const { send } = await start({ origins: ['https://console.example.com'] });
      const get = (origin: string) => send(path, { headers: { origin } });
      const replies = [await get('https://evil.example'), await get('https://console.example.com')];
      const names = ['access-control-allow-origin', 'vary'];
      expect(replies.map(({ headers }) => names.map((name) => headers.get(name)))).toEqual([
        [null, 'Origin'],
        ['https://console.example.com', 'Origin'],
      ]);
    },
  );

  test.each(['/openapi.json', '/livez', '/readyz'])(
    'OPTIONS names those of %s, without CORS where none is set',
    async (path) => {
      const { send } = await start();
      const asked = { origin: 'http://127.0.0.1', 'access-control-request-method': 'GET' };
      const replies = [
        await send(path, { method: 'OPTIONS' }),
        await send(path, { method: 'OPTIONS', headers: asked }),
      ];
      expect(replies.map(({ status, headers }) => [status, headers.get('access-control-allow-methods')])).toEqual([
        [204, null],
        [403, null],
      ]);
      expect(replies[0]?.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    },
  );

  test.each(['/openapi.json', '/readyz'])(
    'a preflight for %s is answered to origins that are allowed',
    async (path) => {
      const { send } = await start({ origins: ['https://console.example.com'] });
      const preflight = (origin: string) =>
        send(path, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-user' },
        });
      const { status, headers } = await preflight('https://console.example.com');
      expect([
        status,
        ...['origin', 'methods', 'headers'].map((name) => headers.get(`access-control-allow-${name}`)),
        headers.get('vary'),
      ]).toEqual([
        204,
        'https://console.example.com',
        'GET, HEAD, OPTIONS',
        'x-user',
        'Origin, Access-Control-Request-Headers',
      ]);
      expect((await preflight('https://evil.example')).status).toBe(403);
    },
  );

  test('pages of an origin that is allowed may call, and others not', async () => {
    const { send, add } = await start({ origins: ['https://console.example.com'] });
    const { name } = await add({ state: 'QUEUED' });
    const post = (origin: string) => send(`/v1/${name}:cancel`, { method: 'POST', headers: { origin } });
    const replies = [await post('https://evil.example'), await post('https://console.example.com')];
    expect(replies.map(({ status, headers }) => [status, headers.get('access-control-allow-origin')])).toEqual([
      [403, null],
      [200, 'https://console.example.com'],
    ]);
  });

  test('a method that no rule can have is 405', async () => {
    const { send } = await start();
    const reply = await send('/v1/operations/x', { method: 'PROPFIND' });
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'GET, DELETE, HEAD, OPTIONS']);
  });
});

test('an error that is nobody’s mistake but ours tells nothing of what is inside, and is logged whole', async () => {
  const cause = new Error('connection to db.internal refused');
  const broken = {
    service: 'google.longrunning.Operations',
    rpc: 'GetOperation',
    domain: () => 'longrunning.googleapis.com',
    handle: () => Promise.reject(cause),
  };
  const { send, log } = await start({ methods: [broken] });
  const reply = await send('/v1/operations/x');
  expect([reply.status, reply.json]).toMatchObject([500, { error: { status: 'INTERNAL' } }]);
  expect(reply.text).not.toContain('db.internal');
  expect(log.ofLevel('error')).toMatchObject([{ fields: { error: cause, rpc: 'GetOperation' } }]);
});

test.each([
  ['made', () => Promise.resolve({}), 200],
  ['an error', () => Promise.reject(new StatusError(Code.ABORTED, 'no', { reason: 'NO' })), 409],
])('a method learns when its answer is %s, and not before', async (_what, outcome, status) => {
  const { promise: isAnswered, resolve } = Promise.withResolvers<boolean>();
  let hasReturned = false;
  const list: Method = {
    ...{ service: 'google.longrunning.Operations', rpc: 'ListOperations', domain: () => 'longrunning.googleapis.com' },
    handle: async (_request, context) => {
      context.whenAnswered(() => {
        resolve(hasReturned);
      });
      await new Promise((settle) => setImmediate(settle));
      hasReturned = true;
      return outcome();
    },
  };
  const { send } = await start({ methods: [list] });
  expect([(await send('/v1/operations')).status, await isAnswered]).toEqual([status, true]);
});
