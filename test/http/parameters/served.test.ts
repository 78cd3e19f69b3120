/** System parameters as a server with real operations answers them, to the byte. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeMessage } from '../../../src/schema/protos.ts';
import { startHttp } from '../http-server.ts';
import { conversation } from '../raw-http.ts';

let server: Awaited<ReturnType<typeof startHttp>>;
let address: string;
const name = 'operations/1';

beforeAll(async () => {
  server = await startHttp({ origins: ['https://console.example.com'] });
  ({ address } = server);
  await server.add({ name, state: 'RUNNING' });
  await server.succeed(name);
});

afterAll(() => server.close());

async function call(query: string, path = name, init: RequestInit = {}) {
  const response = await fetch(`http://${address}/v1/${path}?${query}`, init);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type'), bytes, text: bytes.toString() };
}

const JSON_TYPE = 'application/json; charset=UTF-8';
const SCRIPT_TYPE = 'text/javascript; charset=UTF-8';
const RESPONSE = '{"@type":"type.googleapis.com/google.protobuf.Empty"}';
const COMPACT = `{"name":"${name}","done":true,"response":${RESPONSE}}`;

describe('an answer', () => {
  test.each<[query: string, type: string, text: string]>([
    ['prettyPrint=false', JSON_TYPE, COMPACT],
    ['$prettyPrint=0&$.xgafv=1', JSON_TYPE, COMPACT],
    ['fields=name', JSON_TYPE, `{\n  "name": "${name}"\n}\n`],
    ['fields=response(@type),done&prettyPrint=0', JSON_TYPE, `{"done":true,"response":${RESPONSE}}`],
    ['fields=error&prettyPrint=0', JSON_TYPE, '{}'],
    ['callback=cb&prettyPrint=0', SCRIPT_TYPE, `// API callback\ncb(${COMPACT});`],
    ['callback=cb&fields=done', SCRIPT_TYPE, '// API callback\ncb({\n  "done": true\n}\n);'],
    ['alt=json;enum-encoding=int&prettyPrint=0', JSON_TYPE, COMPACT],
    [
      'key=k&access_token=t&oauth_token=t&quotaUser=q+u&uploadType=x&upload_protocol=y&prettyPrint=0',
      JSON_TYPE,
      COMPACT,
    ],
  ])('%s', async (query, type, text) => {
    expect(await call(query)).toMatchObject({ status: 200, type, text });
  });

  test('alt=proto is the bytes that gRPC has', async () => {
    const { status, type, bytes } = await call('alt=proto&callback=cb');
    expect([status, type]).toEqual([200, 'application/x-protobuf']);
    expect(decodeMessage('google.longrunning.Operation', bytes)).toMatchObject({ name, done: true });
  });

  test('alt=proto with fields is the bytes of what is selected', async () => {
    const { bytes } = await call('alt=proto&fields=name');
    expect(decodeMessage('google.longrunning.Operation', bytes)).toEqual({ name });
  });

  test('$outputDefaults tells what is at its default, as far as fields selects it', async () => {
    const { text } = await call('$outputDefaults=true&fields=nextPageToken,unreachable', 'operations');
    expect(JSON.parse(text)).toEqual({ nextPageToken: '', unreachable: [] });
  });

  test('HEAD has the header of GET, of JSONP too', async () => {
    const get = await fetch(`http://${address}/v1/${name}?callback=cb`);
    const head = await fetch(`http://${address}/v1/${name}?callback=cb`, { method: 'HEAD' });
    for (const header of ['content-type', 'content-length'])
      expect(head.headers.get(header)).toBe(get.headers.get(header));
    expect(await head.text()).toBe('');
  });
});

describe('an error', () => {
  const missing = 'operations/none';

  test.each<[what: string, head: string]>([
    ['a target that is too long', `GET /v1/operations?$.xgafv=1&a=${'x'.repeat(40_000)} HTTP/1.1\r\nHost: x`],
    ['a query that is no UTF-8', 'GET /v1/operations?a=%ff&$.xgafv=1 HTTP/1.1\r\nHost: x'],
    ['a page of another origin', 'DELETE /v1/operations/1?%24.xgafv=1 HTTP/1.1\r\nHost: x\r\nOrigin: http://y.example'],
    [
      "a name that may be anybody's",
      'GET /v1/operations/1?$.xgafv=1&callback=cb HTTP/1.1\r\nHost: y.example\r\nUser-Agent: Mozilla/5.0',
    ],
    ['an expectation', 'GET /v1/operations/1?$.xgafv=1 HTTP/1.1\r\nHost: x\r\nExpect: wonders'],
    ['two hosts', 'GET /v1/operations/1?$.xgafv=2&$.xgafv=1 HTTP/1.1\r\nHost: x\r\nHost: y'],
    ['nothing there to describe', 'OPTIONS /none?$.xgafv=1 HTTP/1.1\r\nHost: x'],
  ])('has errors[] with $.xgafv=1 also where it refuses before the parameters are read: %s', async (_, head) => {
    const reply = await conversation(address, `${head}\r\nConnection: close\r\n\r\n`);
    const body = JSON.parse(reply.slice(reply.indexOf('\r\n\r\n'))) as { error: { errors?: unknown[] } };
    expect(body.error.errors).toHaveLength(1);
  });

  test('with $.xgafv=1 has errors[] between its message and its status, and is indented', async () => {
    const { status, text } = await call('$.xgafv=1&prettyPrint=false', missing);
    const { error } = JSON.parse(text) as { error: Record<string, unknown> };
    expect([status, Object.keys(error)]).toEqual([404, ['code', 'message', 'errors', 'status', 'details']]);
    expect(error['errors']).toEqual([{ message: error['message'], domain: 'global', reason: 'notFound' }]);
    expect(text).toBe(`${JSON.stringify({ error }, null, 2)}\n`);
  });

  test.each(['', '$.xgafv=2'])('has none otherwise: %s', async (query) => {
    const { error } = JSON.parse((await call(query, missing)).text) as { error: object };
    expect(Object.keys(error)).toEqual(['code', 'message', 'status', 'details']);
  });

  test('of JSONP has status 200, and its own within', async () => {
    const { status, type, text } = await call('callback=cb', missing);
    expect([status, type]).toEqual([200, SCRIPT_TYPE]);
    const [, json = ''] = /^\/\/ API callback\ncb\(([^]*)\);$/.exec(text) ?? [];
    expect(JSON.parse(json)).toMatchObject({ error: { code: 404 } });
  });

  test('of alt=proto is a google.rpc.Status', async () => {
    const { status, type, bytes } = await call('alt=proto', missing);
    expect([status, type]).toEqual([404, 'application/x-protobuf']);
    expect(decodeMessage('google.rpc.Status', bytes)).toMatchObject({ code: 5 });
  });

  test.each<[row: string, query: string, path: string, message: string]>([
    [
      '$.xgafv before the path',
      '$.xgafv=9',
      'nothing/here',
      "Invalid query parameters. Invalid value '9' for system query parameter : $.xgafv",
    ],
    [
      '$.xgafv before the callback',
      '$.xgafv=9&callback=-',
      name,
      "Invalid query parameters. Invalid value '9' for system query parameter : $.xgafv",
    ],
    [
      'the callback before alt',
      'callback=-&alt=json',
      name,
      "Invalid JSONP callback name: '-'; only alphabet, number, '_', '$', '.', '[' and ']' are allowed.",
    ],
    ['alt before fields', 'alt=zzz&fields=bogus', name, 'Invalid value "zzz" for query parameter \'alt\''],
    ['fields before the request', 'fields=bogus&bogus=1', name, 'Request contains an invalid argument.'],
    ['fields before the operation', 'fields=bogus', missing, 'Request contains an invalid argument.'],
    [
      'what belongs to nobody',
      'bogus=1',
      name,
      'Invalid JSON payload received. Unknown name "bogus": Cannot bind query parameter. Field \'bogus\' could not be found in request message.',
    ],
  ])('is told of %s', async (_row, query, path, message) => {
    const { status, text } = await call(query, path);
    expect([status, JSON.parse(text)]).toMatchObject([
      400,
      { error: { code: 400, message, status: 'INVALID_ARGUMENT' } },
    ]);
  });

  test('a name that is refused is not called', async () => {
    expect(await call('callback=alert(1)//')).toMatchObject({ status: 400, type: JSON_TYPE });
  });
});

describe('JSONP is for pages that may call', () => {
  const PAGE = { referer: 'https://evil.example/' };

  test.each<[row: string, headers: Record<string, string>, code: number | undefined]>([
    ['no browser', {}, undefined],
    ['a page of another site, over plain HTTP', { ...PAGE, 'user-agent': 'Mozilla/5.0' }, 403],
    ['one that hides whose it is, over plain HTTP', { 'user-agent': 'Mozilla/5.0' }, 403],
    ['a page of the same origin', { 'sec-fetch-site': 'same-origin' }, undefined],
    ['an address that somebody typed', { 'sec-fetch-site': 'none' }, undefined],
    ['a page of another site', { ...PAGE, 'sec-fetch-site': 'cross-site' }, 403],
    ['one of another port', { referer: 'http://127.0.0.1:1/', 'sec-fetch-site': 'same-site' }, 403],
    ['one that does not say whose it is', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page that is allowed', { referer: 'https://console.example.com/x', 'sec-fetch-site': 'cross-site' }, undefined],
  ])('%s', async (_row, headers, code) => {
    const { text } = await call('callback=cb', name, { headers });
    const [, json = ''] = /^\/\/ API callback\ncb\(([^]*)\);$/.exec(text) ?? [];
    expect((JSON.parse(json) as { error?: { code: number } }).error?.code).toBe(code);
  });

  test('an answer that is no script is kept from them by their browser', async () => {
    expect((await call('', name, { headers: { ...PAGE, 'sec-fetch-site': 'cross-site' } })).status).toBe(200);
  });
});

describe('what is refused is not done', () => {
  test.each(['fields=a(b', 'alt=media', 'alt=sse', `quotaUser=${'x'.repeat(41)}`, '$.xgafv=3', '$outputDefaults=x'])(
    'a cancel with %s',
    async (query) => {
      const { name: queued } = await server.add({ name: `operations/${encodeURIComponent(query)}`, state: 'QUEUED' });
      expect((await call(query, `${encodeURI(queued)}:cancel`, { method: 'POST' })).status).toBe(400);
      expect((await server.get(queued))?.state).toBe('QUEUED');
    },
  );
});

describe('$ct says what the body is, whatever its header says', () => {
  test.each([
    ['$ct=application/json', 'application/xml', 200],
    ['$ct=application/xml', 'application/json', 415],
    ['$ct=', 'application/json', 200],
  ])('%s of %s', async (query, contentType, status) => {
    const init = { method: 'POST', headers: { 'content-type': contentType }, body: '{"name": "x"}' };
    expect((await call(query, `${name}:cancel`, init)).status).toBe(status);
  });
});

describe('X-HTTP-Method-Override', () => {
  const FORM = 'application/x-www-form-urlencoded';
  const asGet = (body: string) => ({
    method: 'POST',
    headers: { 'x-http-method-override': 'GET', 'content-type': FORM },
    body,
  });

  test('makes of a POST with a form a GET with that query', async () => {
    expect(await call('', name, asGet('prettyPrint=false&fields=name'))).toMatchObject({
      status: 200,
      text: `{"name":"${name}"}`,
    });
  });

  test('takes a query that no URL has room for', async () => {
    const filter = Array.from({ length: 3000 }, (_, index) => `name="operations/${String(index)}"`).join(' OR ');
    const { status, text } = await call('', 'operations', asGet(new URLSearchParams({ filter }).toString()));
    expect([status, text]).toEqual([400, expect.stringContaining('filter')]);
  });

  test('adds the form to the query of the URL, which comes first', async () => {
    expect((await call('prettyPrint=false&fields=name', name, asGet('fields=done'))).text).toBe(`{"name":"${name}"}`);
  });

  test('a callback counts, as in a GET', async () => {
    expect((await call('', name, asGet('callback=cb&fields=done&prettyPrint=0'))).text).toBe(
      '// API callback\ncb({"done":true});',
    );
  });

  test('a form beyond its bound is refused', async () => {
    expect((await call('', name, asGet(`quotaUser=${'x'.repeat(256 * 1024)}`))).status).toBe(413);
  });

  test('DELETE of a POST deletes', async () => {
    const { name: gone } = await server.add({ name: 'operations/gone', state: 'SUCCEEDED' });
    expect((await call('', gone, { method: 'POST', headers: { 'x-http-method-override': 'delete' } })).status).toBe(
      200,
    );
    expect(await server.get(gone)).toBeUndefined();
  });

  test('is not looked at on a GET', async () => {
    expect((await call('', name, { headers: { 'x-http-method-override': 'DELETE' } })).status).toBe(200);
    expect(await server.get(name)).toBeDefined();
  });
});
