/** Whatever is sent, the server answers it as a mistake, goes on, and never has one of its own. */
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startHttp } from './http-server.ts';
import { conversation } from './raw-http.ts';

type Started = Awaited<ReturnType<typeof startHttp>>;

let started: Started;
/** Does not wait for what conversations do not send. */
let impatient: Started;

beforeAll(async () => {
  started = await startHttp({ limits: { lingerTimeoutMs: 1 } });
  impatient = await startHttp({
    limits: { bodyTimeoutMs: 50, lingerTimeoutMs: 1, headerTimeoutMs: 50, keepAliveTimeoutMs: 1 },
  });
});

afterAll(() => Promise.all([started.close(), impatient.close()]));

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** @returns the status; undefined for what Node's client will not send. */
function statusOf({ method, path, headers = {}, body = '' }: Sent): Promise<number | undefined> {
  const [hostname, port] = started.address.split(':');
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  try {
    const length = body.length === 0 ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = request({ hostname, port, method, path, headers: { ...headers, ...length } }, (response) => {
      response.resume().once('end', () => {
        resolve(response.statusCode);
      });
    });
    sent.once('error', reject);
    sent.end(body);
  } catch {
    resolve(undefined);
  }
  return promise;
}

function expectNoFault(status: number | undefined, { log } = started): void {
  expect(status ?? 0).toBeLessThan(500);
  expect(log.ofLevel('error')).toEqual([]);
}

const SEGMENT = fc.oneof(
  fc.constantFrom(
    'v1',
    'v1alpha',
    'operations',
    'transferOperations',
    'projects',
    'locations',
    'accounts',
    'apps',
    '**',
    '..',
    '.',
  ),
  fc.string().map(encodeURIComponent),
  fc.string({ unit: fc.constantFrom('%', '2', 'F', 'f', 'z', ':', '+', ';', '=', '@', '~', '\\', '{', '}', '*') }),
);
const VERB = fc.constantFrom('', ':cancel', ':wait', ':', '::cancel', '%3Acancel', ':cancel/', '/');
const PATH = fc
  .tuple(fc.constantFrom('/v1/', '/v1alpha/', '/', '//'), fc.array(SEGMENT, { maxLength: 8 }), VERB)
  .map(([start, segments, verb]) => `${start}${segments.join('/')}${verb}`);
const NAME = fc.constantFrom(
  'name',
  'filter',
  'pageSize',
  'page_token',
  'timeout',
  'timeout.seconds',
  'a.b',
  '__proto__',
  'alt',
  'fields',
  '$.xgafv',
);
const QUERY = fc
  .array(fc.tuple(fc.oneof(NAME, SEGMENT), fc.oneof(SEGMENT, fc.string().map(encodeURIComponent))), { maxLength: 6 })
  .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
const METHOD = fc.constantFrom('GET', 'POST', 'DELETE', 'PATCH', 'PUT', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND');

test('paths and queries of any kind', async () => {
  await fc.assert(
    fc.asyncProperty(METHOD, PATH, QUERY, async (method, path, query) => {
      expectNoFault(await statusOf({ method, path: `${path}?${query}` }));
    }),
    { numRuns: 400 },
  );
});

const HEADER_NAME = fc.constantFrom(
  ...[
    'content-type',
    'content-encoding',
    'accept',
    'prefer',
    'if-none-match',
    'x-server-timeout',
    'grpc-timeout',
    'origin',
  ],
  ...[
    'x-http-method-override',
    'x-goog-fieldmask',
    'access-control-request-method',
    'x-goog-request-params',
    'range',
    'te',
  ],
);
const HEADER_TEXT = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });
const HEADERS = fc.dictionary(
  HEADER_NAME,
  HEADER_TEXT.map((text) => text.replace(/\u007f/g, '')),
  { maxKeys: 6 },
);
const BODY = fc.oneof(
  fc.json(),
  fc.string(),
  fc.constantFrom('', '{}', '""', '{"timeout":"0s"}', '{"name":1}', '[]', '{"a":'),
);

test('headers and bodies of any kind', async () => {
  const target = fc.constantFrom('/v1/operations/x', '/v1/operations/x:cancel', '/v1/operations', '/v1/none');
  await fc.assert(
    fc.asyncProperty(METHOD, target, fc.tuple(HEADERS, BODY), async (method, path, [headers, body]) => {
      expectNoFault(await statusOf({ method, path, headers, body }));
    }),
    { numRuns: 400 },
  );
});

/** As it should be, cut off, with another byte somewhere, or with more behind it. */
const GZIP = fc
  .tuple(BODY, fc.nat(), fc.constantFrom('whole', 'cut', 'changed', 'more'), fc.uint8Array({ maxLength: 8 }))
  .map(([text, number, what, more]) => {
    const bytes = gzipSync(text);
    const position = number % bytes.length;
    if (what === 'cut') return bytes.subarray(0, position);
    if (what === 'more') return Buffer.concat([bytes, more]);
    if (what === 'changed') bytes.writeUInt8(number % 256, position);
    return bytes;
  });

test('gzip of any kind', async () => {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  await fc.assert(
    fc.asyncProperty(GZIP, async (body) => {
      expectNoFault(await statusOf({ method: 'POST', path: '/v1/operations/x:cancel', headers, body }));
    }),
    { numRuns: 200 },
  );
});

const LINE = fc.oneof(
  fc.constantFrom(
    'Host: x',
    'Content-Length: 2',
    'Content-Length: 99',
    'Transfer-Encoding: chunked',
    'Connection: close',
    'Expect: 100-continue',
  ),
  fc.constantFrom('Upgrade: h2c', 'Connection: upgrade', 'Content-Length:', ': x', 'X', '', '{}', '2', '0', 'ffffffff'),
  fc.string({ maxLength: 20 }),
);
const CONVERSATION = fc
  .tuple(
    fc.constantFrom('GET /v1/operations/x HTTP/1.1', 'POST /v1/operations/x:cancel HTTP/1.1', 'GET * HTTP/1.0', 'X'),
    fc.array(LINE),
  )
  .map(([first, lines]) => `${[first, ...lines].join('\r\n')}\r\n\r\n`);

test('conversations that are no HTTP', async () => {
  await fc.assert(
    fc.asyncProperty(CONVERSATION, async (text) => {
      // What ends it in any case: neither a body nor a header waits for more behind it.
      const reply = await conversation(impatient.address, `${text}X\r\n\r\n`);
      for (const [, status] of reply.matchAll(/^HTTP\/1\.1 (\d+)/gm)) expectNoFault(Number(status), impatient);
    }),
    { numRuns: 100 },
  );
});
