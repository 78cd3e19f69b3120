/** What every answer says of itself, whatever it answers; and what counts as an empty request. To the byte, as no client would send some of it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Method } from '../../src/api/method.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { operationsMethods } from '../../src/api/operations.ts';
import { memoryOperations } from '../grpc/operations-server.ts';
import { startHttp } from './http-server.ts';
import { conversation } from './raw-http.ts';

let memory: ReturnType<typeof memoryOperations>;
let server: Awaited<ReturnType<typeof startHttp>>;

const BUSY = new StatusError(Code.RESOURCE_EXHAUSTED, 'too many', { reason: 'BUSY', retryDelayMs: 1200 });

beforeAll(async () => {
  memory = memoryOperations();
  const busy: Method = {
    service: 'google.longrunning.Operations',
    rpc: 'ListOperations',
    domain: () => '',
    handle: () => Promise.reject(BUSY),
  };
  const describing: Method<{ readonly name?: string }> = {
    service: 'longrunning.control.v1.OperationControl',
    rpc: 'DescribeOperation',
    domain: ({ name = '' }) => memory.operations.domainOf(name),
    handle: ({ name = '' }) => memory.operations.get(name),
  };
  const others = operationsMethods(memory.operations).filter(({ rpc }) => rpc !== 'ListOperations');
  server = await startHttp({
    methods: [busy, describing, ...others],
    limits: { urlLengthMax: 200, bodySizeMaxBytes: 100, lingerTimeoutMs: 1 },
  });
});

afterAll(async () => {
  await memory.release();
  await server.close();
});

interface Told {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

async function send(head: string, body = ''): Promise<Told> {
  const reply = await conversation(server.address, `${head}\r\nHost: x\r\nConnection: close\r\n\r\n${body}`);
  const [top = '', ...rest] = reply.split('\r\n\r\n');
  const [statusLine = '', ...lines] = top.split('\r\n');
  const headers = new Map(lines.map((line) => [line.replace(/:.*/, '').toLowerCase(), line.replace(/^[^:]*: */, '')]));
  return { status: Number(statusLine.split(' ')[1]), headers, text: rest.join('\r\n\r\n') };
}

/** Of a request with a body. */
const LENGTH = (size: number): string => `\r\nContent-Length: ${String(size)}`;
const CANCEL = 'POST /v1/operations/x:cancel HTTP/1.1';
const TYPE = '\r\nContent-Type: application/json';

describe('an error is JSON with a length, and no type that a browser would guess', () => {
  test.each<[what: string, head: string, body: string, status: number, name: string]>([
    ['no such operation', 'GET /v1/operations/x HTTP/1.1', '', 404, 'NOT_FOUND'],
    ['no such path', 'GET /nothing HTTP/1.1', '', 404, 'NOT_FOUND'],
    ['a path of other methods', 'PUT /v1/operations/x HTTP/1.1', '', 404, 'NOT_FOUND'],
    ['a method that no rule has', 'PROPFIND /v1/operations/x HTTP/1.1', '', 405, 'UNIMPLEMENTED'],
    ['a body that is too large', `${CANCEL}${TYPE}${LENGTH(101)}`, '', 413, 'INVALID_ARGUMENT'],
    ['a URL that is too long', `GET /v1/${'x'.repeat(200)} HTTP/1.1`, '', 414, 'INVALID_ARGUMENT'],
    [
      'a body of another type',
      `${CANCEL}\r\nContent-Type: text/plain${LENGTH(9)}`,
      '{"a": 1}\n',
      415,
      'INVALID_ARGUMENT',
    ],
    [
      'a body that is compressed otherwise than by gzip',
      `${CANCEL}${TYPE}\r\nContent-Encoding: br${LENGTH(9)}`,
      '{"a": 1}\n',
      415,
      'INVALID_ARGUMENT',
    ],
    [
      'a body that is no gzip',
      `${CANCEL}${TYPE}\r\nContent-Encoding: gzip${LENGTH(9)}`,
      '{"a": 1}\n',
      400,
      'INVALID_ARGUMENT',
    ],
    ['another expectation', `${CANCEL}\r\nExpect: wonders`, '', 417, 'INVALID_ARGUMENT'],
    ['what asks for too much', 'GET /v1/operations HTTP/1.1', '', 429, 'RESOURCE_EXHAUSTED'],
    ['a header that is too large', `GET / HTTP/1.1\r\nX: ${'x'.repeat(80_000)}`, '', 431, 'INVALID_ARGUMENT'],
    ['what is no HTTP', 'GET /\r\n', '', 400, 'INVALID_ARGUMENT'],
  ])('%s', async (...[, head, body, status, name]) => {
    const told = await send(head, body);
    expect([told.status, JSON.parse(told.text)]).toMatchObject([status, { error: { code: status, status: name } }]);
    expect(told.headers.get('content-type')).toBe('application/json; charset=UTF-8');
    expect(told.headers.get('x-content-type-options')).toBe('nosniff');
    expect(told.headers.get('cache-control')).toBe('private, no-cache');
    expect(told.headers.get('content-length')).toBe(String(Buffer.byteLength(told.text)));
  });
});

// google/rpc/error_details.proto: "The error domain is typically the registered service name of the tool or product that generates the error."
describe('an error names the API that it is of', () => {
  test.each([
    ['/v1/operations/x', 'longrunning'],
    ['/v1/transferOperations/x', 'storagetransfer'],
    ['/v1/transferOperations/x?bogus=1', 'storagetransfer'],
    ['/v1/transferOperations/%FF', 'storagetransfer'],
    ['/v1/projects/p/locations/global/operations/x', 'storagebatchoperations'],
    ['/v1alpha/accounts/1/repos/2/operations/x', 'checks'],
    ['/v1/accounts/1/apps/2/operations/x:describe', 'checks'],
    ['/v1/transferOperations/x:describe', 'storagetransfer'],
    ['/v1/accounts/1/apps/2/operations/x', 'longrunning'],
    ['/v1/transferOperations/x?$.xgafv=3', 'longrunning'],
  ])('%s: %s', async (path, api) => {
    const { text } = await send(`GET ${path} HTTP/1.1`);
    expect(JSON.parse(text)).toHaveProperty('error.details.0.domain', `${api}.googleapis.com`);
  });

  test('also where its operation was there before, and is asked for again', async () => {
    const name = 'projects/p/locations/global/operations/gone';
    await memory.add({ name, surface: 'storagebatchoperations' });
    for (const method of ['GET', 'DELETE']) expect((await send(`${method} /v1/${name} HTTP/1.1`)).status).toBe(200);
    const { text } = await send(`GET /v1/${name} HTTP/1.1`);
    expect(JSON.parse(text)).toMatchObject({
      error: { details: [{ domain: 'storagebatchoperations.googleapis.com' }] },
    });
  });
});

describe('Allow names what a path is served by', () => {
  test.each([
    ['PUT', '/v1/operations/x', 'GET, DELETE, HEAD, OPTIONS'],
    ['GET', '/v1/operations/x:cancel', 'POST, OPTIONS'],
    ['PATCH', '/v1/operations', 'GET, DELETE, HEAD, OPTIONS'],
    ['PROPFIND', '/v1/transferOperations/x', 'GET, HEAD, OPTIONS'],
  ])('%s %s: %s', async (method, path, allow) => {
    expect((await send(`${method} ${path} HTTP/1.1`)).headers.get('allow')).toBe(allow);
  });

  test('and is not there where none does', async () => {
    expect((await send('GET /v1/operations/x:none:cancel:x/y/ HTTP/1.1')).headers.get('allow')).toBeUndefined();
    expect((await send('PUT /nothing HTTP/1.1')).headers.get('allow')).toBeUndefined();
  });
});

// RFC 9110, section 10.2.3: "a non-negative decimal integer, representing time in seconds".
test('Retry-After is the time of the RetryInfo in whole seconds, and not less', async () => {
  const told = await send('GET /v1/operations HTTP/1.1');
  expect([told.status, told.headers.get('retry-after')]).toEqual([429, '2']);
  expect(JSON.parse(told.text)).toMatchObject({ error: { details: [{ reason: 'BUSY' }, { retryDelay: '1.200s' }] } });
});

test('HEAD of an error has its headers and no body', async () => {
  const told = await send('HEAD /v1/operations/x HTTP/1.1');
  expect([told.status, told.headers.get('content-type'), told.text]).toEqual([
    404,
    'application/json; charset=UTF-8',
    '',
  ]);
  expect(Number(told.headers.get('content-length'))).toBeGreaterThan(0);
});

describe('an empty request is told as any of', () => {
  test.each<[what: string, head: string, body: string]>([
    ['nothing at all', '', ''],
    ['a length of 0', LENGTH(0), ''],
    ['a length of 0 and a type', `${TYPE}${LENGTH(0)}`, ''],
    ['an empty object', `${TYPE}${LENGTH(2)}`, '{}'],
    ['an empty object and a line feed, as Go sends it', `${TYPE}${LENGTH(3)}`, '{}\n'],
    ['an empty text, as google-gax sends it', `${TYPE}${LENGTH(2)}`, '""'],
    ['an empty object without a type', LENGTH(2), '{}'],
    ['an empty object of another type', `\r\nContent-Type: text/plain${LENGTH(2)}`, '{}'],
    ['no chunks', '\r\nTransfer-Encoding: chunked', '0\r\n\r\n'],
    ['an object in chunks', `${TYPE}\r\nTransfer-Encoding: chunked`, '1\r\n{\r\n1\r\n}\r\n0\r\n\r\n'],
    ['a type and a header without a value, as Elixir sends it', '\r\nTE: \r\nContent-Length: 0', ''],
  ])('%s', async (_what, head, body) => {
    const { name } = await memory.add({ name: `operations/${crypto.randomUUID()}`, state: 'QUEUED' });
    const told = await send(`POST /v1/${name}:cancel HTTP/1.1${head}`, body);
    expect([told.status, told.headers.get('content-type'), told.text]).toEqual([
      200,
      'application/json; charset=UTF-8',
      '{}\n',
    ]);
    expect((await memory.get(name))?.state).toBe('CANCELLED');
  });
});
