import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Method, StreamMethod, UploadMethod } from '../../../src/api/method.ts';
import { nextTurn } from '../../../src/core/next-turn.ts';
import { RawHttp } from '../raw-http.ts';
import { startingHttp } from '../starting-http.ts';

const start = startingHttp();

interface BatchReply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  /** Of each part: what is told in its header, and the answer in it. */
  readonly parts: readonly { readonly id: string | undefined; readonly status: number; readonly text: string }[];
}

/** A batch as Google's client for Java writes one. */
function batchOf(...calls: readonly string[]): string {
  const parts = calls.map((call, index) => {
    const header = `Content-Type: application/http\r\nContent-ID: ${String(index + 1)}\r\ncontent-transfer-encoding: binary`;
    return `--B\r\n${header}\r\n\r\n${call}\r\n`;
  });
  return `${parts.join('')}--B--\r\n`;
}

async function post(
  address: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<BatchReply> {
  const type = { 'content-type': 'multipart/mixed; boundary="B"' };
  const reply = await fetch(`http://${address}/batch`, { method: 'POST', body, headers: { ...type, ...headers } });
  const text = await reply.text();
  const contentType = reply.headers.get('content-type') ?? '';
  const boundary = /boundary=(\S+)/.exec(contentType)?.[1] ?? 'none';
  const parts = text
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => ({
      id: /^Content-ID: (.*)\r$/m.exec(part)?.[1],
      status: Number(/^HTTP\/1\.1 (\d+)/m.exec(part)?.[1]),
      text: part.split('\r\n\r\n').slice(2).join('\r\n\r\n').slice(0, -2),
    }));
  return { status: reply.status, type: contentType, text, parts };
}

const POST = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nContent-Length: ${String(body.length)}\r\nContent-Type: application/json\r\n\r\n${body}`;

describe('a batch', () => {
  test('is answered call by call, in order, as each would have been alone', async () => {
    const { add, address, get } = await start();
    const { name } = await add({ state: 'QUEUED' });
    const reply = await post(
      address,
      batchOf(
        `GET http://${address}/v1/${name}?fields=name HTTP/1.1\r\nX: y\r\n\r\n`,
        POST(`/v1/${name}:cancel`, '{}'),
        `GET /v1/${name}?fields=done HTTP/1.1`,
        'GET /v1/operations/missing HTTP/1.1',
        `GET /nothing HTTP/1.1`,
      ),
    );
    expect([reply.status, reply.type]).toEqual([200, expect.stringMatching(/^multipart\/mixed; boundary=batch_/)]);
    expect(reply.parts.map(({ id, status }) => [id, status])).toEqual([
      ['response-1', 200],
      ['response-2', 200],
      ['response-3', 200],
      ['response-4', 404],
      ['response-5', 404],
    ]);
    expect(JSON.parse(reply.parts[0]?.text ?? '')).toEqual({ name });
    expect(JSON.parse(reply.parts[2]?.text ?? '')).toEqual({ done: true });
    expect(JSON.parse(reply.parts[3]?.text ?? '')).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
    expect((await get(name))?.state).toBe('CANCELLED');
  });

  // Google's client for Python knows its calls by what stands behind the plus.
  test('tells whose answer each part is, in angle brackets where the id has them', async () => {
    const { address } = await start();
    const part = '--B\nContent-Type: application/http\nContent-ID: <a-b + 1>\n\nGET /v1/operations/x HTTP/1.1\n\n';
    const reply = await post(address, `${part}--B--`);
    expect(reply.parts.map(({ id }) => id)).toEqual(['<response-a-b + 1>']);
  });

  test('has headers that hold for its calls, but where these have their own, and those of its content', async () => {
    const { add, address } = await start();
    const { name } = await add({});
    const own = `GET /v1/${name} HTTP/1.1\r\nX-Goog-FieldMask: name\r\n\r\n`;
    const headers = { 'x-goog-fieldmask': 'done', 'x-http-method-override': 'POST' };
    const { parts } = await post(address, batchOf(`GET /v1/${name}`, own), headers);
    expect(parts.map(({ text }) => JSON.parse(text) as unknown)).toEqual([{}, { name }]);
  });

  test('answers HEAD without a body, and 304 to whom has the answer already', async () => {
    const { add, address, send } = await start();
    const { name } = await add({});
    const tag = (await send(`/v1/${name}`)).headers.get('etag') ?? '';
    const known = `GET /v1/${name} HTTP/1.1\r\nIf-None-Match: ${tag}\r\n\r\n`;
    const { parts } = await post(address, batchOf(`HEAD /v1/${name} HTTP/1.1`, known));
    expect(parts.map(({ status, text }) => [status, text])).toEqual([
      [200, ''],
      [304, ''],
    ]);
  });

  test('holds nothing that the server answers itself', async () => {
    const { address } = await start();
    const { parts } = await post(address, batchOf('GET /livez', 'HEAD /openapi.json', 'POST /livez'));
    expect(parts.map(({ status, text }) => [status, /"reason": "(\w+)"/.exec(text)?.[1]])).toEqual([
      [400, 'NOT_IN_BATCH'],
      [400, undefined],
      [404, 'METHOD_NOT_ALLOWED'],
    ]);
  });

  test('holds no batch, no stream and no upload: each needs a request of its own', async () => {
    const begun: string[] = [];
    const watch: StreamMethod = {
      service: 'longrunning.control.v1.OperationControl',
      rpc: 'WatchOperations',
      domain: () => '',
      async *stream() {
        begun.push('stream');
        yield await Promise.resolve({});
      },
    };
    const upload: UploadMethod = {
      service: 'google.checks.report.v1alpha.ReportService',
      rpc: 'AnalyzeUpload',
      domain: () => '',
      sizeMaxBytes: 100,
      upload: () => {
        begun.push('upload');
        return Promise.resolve({});
      },
    };
    const { address } = await start({ methods: [watch], uploads: [upload] });
    const inner = POST('/batch', '').replace('application/json', 'multipart/mixed; boundary=C');
    const file = POST('/upload/v1alpha/accounts/1/apps/2/reports:analyzeUpload', 'PK');
    const { parts } = await post(address, batchOf(inner, 'GET /v1/operations/1:watch', file));
    const refused = [400, true];
    const told = parts.map(({ status, text }) => [status, text.includes('"NOT_IN_BATCH"')]);
    expect([told, begun]).toEqual([[refused, refused, refused], []]);
  });

  test.each<[string, string, Readonly<Record<string, string>>, string]>([
    ['that is no batch', '{}', { 'content-type': 'application/json' }, 'MALFORMED_BATCH'],
    ['without a boundary', batchOf('GET /a'), { 'content-type': 'multipart/mixed' }, 'MALFORMED_MULTIPART'],
    ['that is cut off', batchOf('GET /a').slice(0, -6), {}, 'MALFORMED_MULTIPART'],
    ['of nothing', '--B--', {}, 'MALFORMED_MULTIPART'],
    ['of other parts', '--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--', {}, 'MALFORMED_BATCH'],
    ['of too many calls', batchOf(...Array<string>(101).fill('GET /a')), {}, 'TOO_MANY_CALLS'],
    ['with a header that is too large', batchOf(`GET /a\r\nx: ${'y'.repeat(70_000)}`), {}, 'MALFORMED_BATCH'],
    ['that is too large', batchOf(POST('/a', ' '.repeat(5_000_000))), {}, 'BODY_TOO_LARGE'],
  ])('%s is refused', async (_, body, headers, reason) => {
    const { address } = await start();
    const { status, text } = await post(address, body, headers);
    expect([status >= 400 && status < 500, text]).toEqual([true, expect.stringContaining(`"${reason}"`)]);
  });

  test('with a call that is none is refused whole', async () => {
    const { add, address, get } = await start();
    const { name } = await add({ state: 'QUEUED' });
    const { status } = await post(address, batchOf(POST(`/v1/${name}:cancel`, '{}'), 'nonsense'));
    expect([status, (await get(name))?.state]).toEqual([400, 'QUEUED']);
  });

  test('refuses the calls for whose answers there is no room any more', async () => {
    const { add, address } = await start({ limits: { bufferedBytesMax: 2000 } });
    const { name } = await add({ metadata: { typeUrl: 't/x', value: Buffer.alloc(2000) } });
    const { parts } = await post(
      address,
      batchOf(`GET /v1/${name}`, `GET /v1/${name}`, POST(`/v1/${name}:cancel`, '')),
    );
    expect(parts.map(({ status }) => status)).toEqual([200, 200, 503]);
  });

  test('lets others have their turns between its calls, also where each is answered at once', async () => {
    let count = 0;
    let countInNextTurn: number | undefined;
    const cancel: Method = {
      ...{ service: 'google.longrunning.Operations', rpc: 'CancelOperation', domain: () => '' },
      handle: () => {
        count += 1;
        if (count === 1) setImmediate(() => (countInNextTurn = count));
        return Promise.resolve({});
      },
    };
    const { address } = await start({ methods: [cancel] });
    await post(address, batchOf(...Array<string>(100).fill(POST('/v1/operations/x:cancel', ''))));
    expect([count, (countInNextTurn ?? 100) <= 2]).toEqual([100, true]);
  });

  test('has a deadline that holds for all of it; calls may have earlier ones', async () => {
    const seen: (number | undefined)[] = [];
    const cancel: Method = {
      ...{ service: 'google.longrunning.Operations', rpc: 'CancelOperation', domain: () => '' },
      handle: async (_request, { deadlineMs }) => {
        seen.push(deadlineMs);
        for (const nowMs = Date.now(); Date.now() === nowMs;) await nextTurn();
        return {};
      },
    };
    const { address } = await start({ methods: [cancel] });
    const early = POST('/v1/operations/x:cancel', '').replace('\r\n', '\r\nGrpc-Timeout: 100S\r\n');
    const late = POST('/v1/operations/x:cancel', '').replace('\r\n', '\r\nX-Server-Timeout: 9999\r\n');
    const plain = POST('/v1/operations/x:cancel', '');
    await post(address, batchOf(plain, plain, early, late), { 'x-server-timeout': '1000' });
    const [first = 0, second, third = Infinity, fourth] = seen;
    expect([second, third < first, fourth]).toEqual([first, true, first]);
  });

  test('carries nothing out behind its deadline', async () => {
    const { add, address, get } = await start();
    const { name } = await add({ state: 'QUEUED' });
    const reply = await post(address, batchOf(POST(`/v1/${name}:cancel`, '{}')), { 'x-server-timeout': '0' });
    expect([reply.status, reply.parts[0]?.status, (await get(name))?.state]).toEqual([200, 504, 'QUEUED']);
  });

  test('may tell its type in its query, where nothing else may stand that is not of the system', async () => {
    const { add, address } = await start();
    const { name } = await add({});
    const send = (query: string): Promise<Response> =>
      fetch(`http://${address}/batch?${query}`, {
        method: 'POST',
        body: batchOf(`GET /v1/${name}`),
        headers: { 'content-type': 'text/plain' },
      });
    const type = `$ct=${encodeURIComponent('multipart/mixed; boundary=B')}`;
    const replies = [await send(`${type}&key=k`), await send(`${type}&calls=1`)];
    expect(replies.map(({ status }) => status)).toEqual([200, 400]);
  });

  test('is left when its caller leaves: the calls behind are not carried out', async () => {
    const { promise: left, resolve: leave } = Promise.withResolvers<unknown>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<undefined>();
    const carriedOut: string[] = [];
    const ofOperations = { service: 'google.longrunning.Operations', domain: () => '' };
    const wait: Method = {
      ...ofOperations,
      rpc: 'WaitOperation',
      handle: (_request, { signal }) => {
        begin(undefined);
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
            setImmediate(leave, undefined);
          });
        });
      },
    };
    const cancel: Method = {
      ...ofOperations,
      rpc: 'CancelOperation',
      handle: () => {
        carriedOut.push('cancel');
        return Promise.resolve({});
      },
    };
    const { address } = await start({ methods: [wait, cancel] });
    const body = batchOf(POST('/v1/operations/x:wait', '{}'), POST('/v1/operations/x:cancel', ''));
    const head = `POST /batch HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/mixed; boundary=B`;
    const raw = new RawHttp(address).send(`${head}\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`);
    await begun;
    raw.close();
    await left;
    expect(carriedOut).toEqual([]);
  });

  test('may be asked for by OPTIONS, and by nothing else than POST', async () => {
    const { address } = await start();
    const replies = [
      await fetch(`http://${address}/batch`, { method: 'OPTIONS' }),
      await fetch(`http://${address}/batch`),
    ];
    expect(replies.map(({ status, headers }) => [status, headers.get('allow')])).toEqual([
      [204, 'POST, OPTIONS'],
      [404, 'POST, OPTIONS'],
    ]);
  });

  test('of any bytes is answered', async () => {
    const { address, log } = await start();
    const text = fc.oneof(
      fc.constantFrom(
        'GET /v1/operations/x HTTP/1.1',
        'POST /batch',
        '\r\n',
        '\n',
        'Content-Length: 2',
        'Host: x',
        '{}',
      ),
      fc.string(),
    );
    const calls = fc.array(
      fc.array(text).map((lines) => lines.join('\r\n')),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(calls, async (made) => {
        expect((await post(address, batchOf(...made))).status).toBeLessThan(500);
        expect(log.ofLevel('error')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
