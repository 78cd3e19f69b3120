/** A real sidecar with a transfer under way, spoken to as curl would: system parameters, and what real clients send. */
import { request } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

const MIB = 1024 * 1024;

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Reply {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
}

interface SeenOperation {
  readonly name: string;
  readonly metadata?: { readonly status?: string };
  readonly done?: boolean;
  readonly error?: { readonly code: number };
}

let workspace: Workspace;
let address: string;

beforeAll(async () => {
  workspace = new Workspace();
  const source = join(workspace.files, 'from');
  mkdirSync(source);
  writeFileSync(join(source, 'large'), Buffer.alloc(64 * MIB, 'x'));
  // So slow that no machine is done before it is cancelled.
  const sidecar = await workspace.start({ limits: { transfers: { bytesPerSecondMax: MIB } } });
  address = sidecar.http ?? '';
});

afterAll(() => workspace.remove());

/** Sends nothing but what is named: no header of a client's own. */
function send(path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Reply> {
  const { hostname, port } = new URL(`http://${address}`);
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const sent = request({ hostname, port, path, method, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.once('end', () => {
      resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'], text });
    });
    response.once('error', reject);
  });
  sent.once('error', reject);
  sent.end(body);
  return promise;
}

async function json(path: string, sent?: Sent): Promise<unknown> {
  return JSON.parse((await send(path, sent)).text);
}

async function createJob(sink: string): Promise<string> {
  const job = {
    projectId: 'p',
    status: 'ENABLED',
    transferSpec: {
      posixDataSource: { rootDirectory: join(workspace.files, 'from') },
      posixDataSink: { rootDirectory: join(workspace.files, sink) },
    },
  };
  const created = await json('/v1/transferJobs', { method: 'POST', body: JSON.stringify(job) });
  return (created as { readonly name: string }).name;
}

/** The name of a transfer that is under way. */
async function startTransfer(sink: string): Promise<string> {
  const name = await createJob(sink);
  const run = await json(`/v1/${name}:run`, { method: 'POST', body: '{"project_id": "p"}' });
  const started = run as SeenOperation;
  await until('the transfer to run', async () => (await seen(started.name)).metadata?.status === 'IN_PROGRESS');
  return started.name;
}

async function seen(name: string): Promise<SeenOperation> {
  return (await json(`/v1/${name}`)) as SeenOperation;
}

function untilDone(name: string): Promise<SeenOperation> {
  return until('the operation to be done', async () => {
    const operation = await seen(name);
    return operation.done === true && operation;
  });
}

/** Every optional parameter of the discovery documents, eleven, then the newer spellings, and the headers that say the same. */
const EVERY_PARAMETER = new URLSearchParams([
  ['$.xgafv', '1'],
  ['access_token', 'token'],
  ['alt', 'json'],
  ['callback', 'cb'],
  ['fields', 'name,done'],
  ['key', 'key'],
  ['oauth_token', 'token'],
  ['prettyPrint', 'false'],
  ['quotaUser', 'q u'],
  ['uploadType', 'media'],
  ['upload_protocol', 'raw'],
  ['$alt', 'json;enum-encoding=int'],
  ['$callback', 'cb'],
  ['$fields', '*'],
  ['$key', 'key'],
  ['$prettyPrint', 'true'],
  ['$userProject', 'p'],
  ['$ct', 'application/json'],
  ['$apiVersion', 'v1'],
  ['$outputDefaults', 'true'],
]).toString();

const EVERY_HEADER = {
  'X-Goog-Api-Key': 'key',
  'X-Goog-FieldMask': '*',
  'X-Goog-User-Project': 'p',
  'X-Goog-Quota-User': 'q',
  'X-Goog-Api-Version': 'v1',
  'X-HTTP-Method-Override': 'POST',
  'X-Goog-Api-Client': 'gl-elixir/1.9.0 gapic/0.30.1 gdcl/0.30.1',
  Authorization: 'Bearer token',
  TE: '',
};

describe('a cancel of a running transfer', () => {
  test('with every system parameter at once answers an empty object, and stops it', async () => {
    const name = await startTransfer('every');
    const reply = await send(`/v1/${name}:cancel?${EVERY_PARAMETER}`, {
      method: 'POST',
      headers: { ...EVERY_HEADER, 'Content-Length': '0' },
    });
    expect(reply).toEqual({ status: 200, type: 'application/json; charset=UTF-8', text: '{}' });
    expect(await untilDone(name)).toMatchObject({ error: { code: 1 }, metadata: { status: 'ABORTED' } });
  });

  test('with a parameter that is refused does nothing', async () => {
    const name = await startTransfer('refused');
    const refused = await send(`/v1/${name}:cancel?$.xgafv=1&alt=media`, { method: 'POST' });
    const message = 'Unsupported alt type "media" for non byte stream request.';
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      400,
      { error: { message, errors: [{ message, domain: 'global', reason: 'badRequest' }] } },
    ]);
    expect((await seen(name)).metadata?.status).toBe('IN_PROGRESS');
    expect(await json(`/v1/${name}:cancel`, { method: 'POST' })).toEqual({});
    expect(await untilDone(name)).toMatchObject({ error: { code: 1 } });
  });
});

describe('google_api_storage_transfer for Elixir', () => {
  // It has each parameter of the discovery document as an option, and httpc sends `te` without a value.
  const options = new URLSearchParams([...new URLSearchParams(EVERY_PARAMETER)].slice(0, 11)).toString();
  const headers = {
    TE: '',
    'X-Goog-Api-Client': EVERY_HEADER['X-Goog-Api-Client'],
    'Accept-Encoding': 'gzip, deflate',
  };

  /** With `body: nil` it sends nothing, with `body: %{}` an empty object. */
  const CANCELS = [
    ['no body', { ...headers, 'Content-Length': '0' }, ''],
    ['an empty object', { ...headers, 'Content-Type': 'application/json', 'Content-Length': '2' }, '{}'],
  ] as const;

  test.each(CANCELS)('cancels a running transfer with every option and %s', async (_, sentHeaders, body) => {
    const name = await startTransfer(`elixir-${String(body.length)}`);
    const reply = await send(`/v1/${name}:cancel?${options}`, { method: 'POST', headers: sentHeaders, body });
    expect(reply).toEqual({ status: 200, type: 'application/json; charset=UTF-8', text: '{}' });
    expect(await untilDone(name)).toMatchObject({ error: { code: 1 }, metadata: { status: 'ABORTED' } });
    const again = await send(`/v1/${name}:cancel?${options}`, { method: 'POST', headers: sentHeaders, body });
    expect(again).toEqual(reply);
  });

  const EMPTY_GET = { ...headers, 'Content-Length': '0' };

  test('gets a name that it inserts raw, with a length of 0', async () => {
    const reply = await send('/v1/transferOperations/a+b:c?alt=json&quotaUser=q+u', { headers: EMPTY_GET });
    expect([reply.status, JSON.parse(reply.text)]).toMatchObject([
      404,
      { error: { details: [{ metadata: { operation: 'transferOperations/a+b:c' } }] } },
    ]);
  });

  test('pages through a list with the token as its form encoder writes it', async () => {
    const [first, second] = [await startTransfer('elixir-first'), await startTransfer('elixir-second')];
    const filter = JSON.stringify({ projectId: 'p', operationNames: [first, second] });
    const page = async (pageToken: string): Promise<{ names: readonly string[]; nextPageToken: string }> => {
      const query = new URLSearchParams({ filter, pageSize: '1', pageToken });
      const told = await json(`/v1/transferOperations?${query.toString()}`, { headers: EMPTY_GET });
      const { operations = [], nextPageToken = '' } = told as {
        readonly operations?: readonly SeenOperation[];
        readonly nextPageToken?: string;
      };
      return { names: operations.map(({ name }) => name), nextPageToken };
    };
    const newest = await page('');
    const oldest = await page(newest.nextPageToken);
    expect([newest.names, oldest.names]).toEqual([[second], [first]]);
    for (const name of [first, second]) await send(`/v1/${name}:cancel`, { method: 'POST' });
  });
});

test('a run whose answer cannot be told as asked is not started', async () => {
  const name = await createJob('not-started');
  const body = '{"projectId": "p"}';
  expect(await json(`/v1/${name}:run?fields=name,bogus`, { method: 'POST', body })).toMatchObject({
    error: { code: 400, details: [{ metadata: { path: 'bogus' } }, { fieldViolations: [{ field: 'bogus' }] }] },
  });
  const job = await json(`/v1/${name}?projectId=p&fields=name,latestOperationName`);
  expect(job).toEqual({ name });
});

test('the OpenAPI document of all that is served is valid', async () => {
  const document = (await json('/openapi.json')) as { paths: object; [member: string]: unknown };
  expect(await new Validator().validate(document)).toEqual({ valid: true });
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/v1/transferOperations/{transferOperation}:cancel', '/v1/operations']),
  );
});

describe('a poll of a transfer', () => {
  let name: string;

  beforeAll(async () => {
    name = await startTransfer('polled');
  });

  afterAll(() => send(`/v1/${name}:cancel`, { method: 'POST' }));

  const TYPE = { '@type': 'type.googleapis.com/google.storagetransfer.v1.TransferOperation' };

  test('selects within its metadata', async () => {
    expect(await json(`/v1/${name}?fields=metadata(status,transferSpec/posixDataSink)`)).toEqual({
      metadata: {
        ...TYPE,
        status: 'IN_PROGRESS',
        transferSpec: { posixDataSink: { rootDirectory: join(workspace.files, 'polled') } },
      },
    });
  });

  test('has enums as numbers within an Any, as google-gax asks', async () => {
    expect(await json(`/v1/${name}?%24alt=json%3Benum-encoding%3Dint&fields=metadata/status`)).toEqual({
      metadata: { ...TYPE, status: 1 },
    });
  });

  test('is a script for a script element', async () => {
    const reply = await send(`/v1/${name}?callback=app.poll[0]&fields=name&prettyPrint=0`);
    expect(reply).toEqual({
      status: 200,
      type: 'text/javascript; charset=UTF-8',
      text: `// API callback\napp.poll[0]({"name":"${name}"});`,
    });
  });

  test('and of the list, as a POST with the query in its body, as google-api-python-client sends it', async () => {
    const filter = JSON.stringify({ projectId: 'p', operationNames: [name], jobNames: [] });
    const body = new URLSearchParams({ filter, fields: 'operations/name', alt: 'json', key: 'k'.repeat(3000) });
    const reply = await json('/v1/transferOperations', {
      method: 'POST',
      headers: { 'X-HTTP-Method-Override': 'GET', 'Content-Type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    });
    expect(reply).toEqual({ operations: [{ name }] });
  });
});
