/** A real sidecar over HTTP/JSON, one row a case: what each rule of the surface answers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

let workspace: Workspace;
let origin: string;
/** A transfer that runs for as long as the file's tests do. */
let running: string;
/** One that is done. */
let done: string;

interface Reply {
  readonly status: number;
  readonly json: unknown;
}

async function call(request: string, body?: string): Promise<Reply> {
  const [method = '', path = ''] = request.split(' ');
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(origin + path, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, json: JSON.parse(await response.text()) };
}

async function runJob(source: string): Promise<string> {
  const sink = join(workspace.files, `${source}-sink`);
  const spec = {
    posixDataSource: { rootDirectory: join(workspace.files, source) },
    posixDataSink: { rootDirectory: sink },
  };
  const job = { projectId: 'p', name: `transferJobs/${source}`, status: 'ENABLED', transferSpec: spec };
  expect((await call('POST /v1/transferJobs', JSON.stringify(job))).status).toBe(200);
  const { json } = await call(`POST /v1/transferJobs/${source}:run`, '{"projectId":"p"}');
  return (json as { readonly name: string }).name;
}

beforeAll(async () => {
  workspace = new Workspace();
  for (const [name, size] of [
    ['large', 64 * 1024 * 1024],
    ['small', 1],
  ] as const) {
    mkdirSync(join(workspace.files, name));
    writeFileSync(join(workspace.files, name, 'file'), Buffer.alloc(size));
  }
  const sidecar = await workspace.start({ limits: { transfers: { bytesPerSecondMax: 1024 } } });
  origin = `http://${sidecar.http ?? ''}`;
  [running, done] = [await runJob('large'), await runJob('small')];
  await until(
    'the end of the transfer',
    async () => ((await call(`GET /v1/${done}`)).json as { readonly done?: boolean }).done === true,
  );
  for (const id of ['deleted', 'kept', 'cancelled']) {
    await call('POST /v1/operations', JSON.stringify({ operationId: id, kind: 'demo' }));
  }
});

afterAll(() => workspace.remove());

/** SURFACE.md §1.5; `RUNNING` and `DONE` stand for the names of the two transfers, `FILES` for the directory of their files. */
const ROWS: readonly (readonly [
  what: string,
  request: string,
  status: number,
  code: string | undefined,
  body?: string,
])[] = [
  ['a bare collection on Cancel', 'POST /v1/transferOperations:cancel', 400, 'INVALID_ARGUMENT'],
  ['a collection of no surface', 'GET /v1/jobs/1:describe', 400, 'INVALID_ARGUMENT'],
  ['a bare collection on Wait', 'POST /v1/operations:wait', 400, 'INVALID_ARGUMENT'],
  ['a name that holds a control character', 'GET /v1/operations/a%00', 400, 'INVALID_ARGUMENT'],
  ['a name that is no UTF-8', 'GET /v1/operations/%FF', 400, 'INVALID_ARGUMENT'],
  ['an unknown transfer operation', 'GET /v1/transferOperations/none', 404, 'NOT_FOUND'],
  ['an unknown generic operation', 'GET /v1/operations/none', 404, 'NOT_FOUND'],
  ['an unknown batch operation', 'GET /v1/projects/p/locations/global/operations/none', 404, 'NOT_FOUND'],
  ['an unknown operation of an app', 'GET /v1alpha/accounts/1/apps/2/operations/none', 404, 'NOT_FOUND'],
  ['an unknown operation of a repository', 'GET /v1alpha/accounts/1/repos/2/operations/none', 404, 'NOT_FOUND'],
  ['cancel of an unknown operation', 'POST /v1/transferOperations/none:cancel', 404, 'NOT_FOUND'],
  ['cancel of one that is done', 'POST /v1/DONE:cancel', 200, undefined],
  ['cancel of a queued one', 'POST /v1/operations/cancelled:cancel', 200, undefined, '{}\n'],
  ['cancel of a cancelled one', 'POST /v1/operations/cancelled:cancel', 200, undefined, '""'],
  ['cancel with unknown members', 'POST /v1/operations/cancelled:cancel', 400, 'INVALID_ARGUMENT', '{"x":1}'],
  ['delete of one that is not done', 'DELETE /v1/operations/deleted', 200, undefined],
  ['the second delete', 'DELETE /v1/operations/deleted', 404, 'NOT_FOUND'],
  ['get of a deleted one', 'GET /v1/operations/deleted', 404, 'NOT_FOUND'],
  ['delete of a transfer operation', 'DELETE /v1/DONE', 404, 'NOT_FOUND'],
  ['wait for a transfer operation', 'POST /v1/RUNNING:wait', 404, 'NOT_FOUND'],
  ['wait for a batch operation', 'POST /v1/projects/p/locations/global/operations/x:wait', 404, 'NOT_FOUND'],
  ['delete of a repository’s operation', 'DELETE /v1alpha/accounts/1/repos/2/operations/x', 404, 'NOT_FOUND'],
  ['cancel of a repository’s operation', 'POST /v1alpha/accounts/1/repos/2/operations/x:cancel', 404, 'NOT_FOUND'],
  ['the list of a repository’s operations', 'GET /v1alpha/accounts/1/repos/2/operations', 404, 'NOT_FOUND'],
  ['a surface under another version', 'GET /v1/accounts/1/apps/2/operations/x', 404, 'NOT_FOUND'],
  ['transfer operations listed without a filter', 'GET /v1/transferOperations', 400, 'INVALID_ARGUMENT'],
  ['transfer operations listed without a project', 'GET /v1/transferOperations?filter=%7B%7D', 400, 'INVALID_ARGUMENT'],
  ['transfer operations listed', 'GET /v1/transferOperations?filter=%7B%22projectId%22:%22p%22%7D', 200, undefined],
  ['a negative page size', 'GET /v1/operations?pageSize=-1', 400, 'INVALID_ARGUMENT'],
  ['a page size that is no number', 'GET /v1/operations?pageSize=abc', 400, 'INVALID_ARGUMENT'],
  ['a page token that is none', 'GET /v1/operations?pageToken=x', 400, 'INVALID_ARGUMENT'],
  ['an unknown field in a filter', 'GET /v1/operations?filter=nothing%3D1', 400, 'INVALID_ARGUMENT'],
  ['return_partial_success of one collection', 'GET /v1/operations?returnPartialSuccess=true', 501, 'UNIMPLEMENTED'],
  ['return_partial_success false', 'GET /v1/operations?return_partial_success=false', 200, undefined],
  ['resume of a running one', 'POST /v1/RUNNING:resume', 400, 'FAILED_PRECONDITION'],
  ['pause of one that is done', 'POST /v1/DONE:pause', 400, 'FAILED_PRECONDITION'],
  ['run of a job that runs', 'POST /v1/transferJobs/large:run', 409, 'ABORTED', '{"projectId":"p"}'],
  [
    'a job’s name that is taken',
    'POST /v1/transferJobs',
    409,
    'ALREADY_EXISTS',
    '{"projectId":"p","name":"transferJobs/large","status":"DISABLED","transferSpec":{"posixDataSource":{"rootDirectory":"FILES/large"},"posixDataSink":{"rootDirectory":"FILES/x"}}}',
  ],
  ['an id that is taken', 'POST /v1/operations', 409, 'ALREADY_EXISTS', '{"operationId":"kept","kind":"demo"}'],
  ['get of a job without its project', 'GET /v1/transferJobs/large', 400, 'INVALID_ARGUMENT'],
  ['get of a job', 'GET /v1/transferJobs/large?projectId=p', 200, undefined],
  ['Wait with a negative timeout', 'POST /v1/operations/kept:wait', 400, 'INVALID_ARGUMENT', '{"timeout":"-1s"}'],
  ['Wait that ends early', 'POST /v1/operations/kept:wait', 200, undefined, '{"timeout":"0s"}'],
  ['an unknown parameter', 'GET /v1/operations/kept?x=1', 400, 'INVALID_ARGUMENT'],
  ['a bare question mark', 'GET /v1/operations/kept?', 200, undefined],
  ['a trailing slash', 'GET /v1/operations/kept/', 200, undefined],
  ['an empty segment', 'GET /v1//operations/kept', 404, 'NOT_FOUND'],
  ['a description', 'GET /v1/operations/kept:describe', 200, undefined],
];

interface ErrorJson {
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly status: string;
    readonly details: readonly { readonly '@type': string; readonly reason?: string; readonly domain?: string }[];
  };
}

describe('over HTTP', () => {
  test.each(ROWS)('%s: %s is %i %s', async (...[, request, status, code, body]) => {
    const reply = await call(
      request.replace('RUNNING', running).replace('DONE', done),
      body?.replaceAll('FILES', workspace.files),
    );
    const { error } = reply.json as ErrorJson;
    expect([reply.status, error?.status]).toEqual([status, code]);
    if (error === undefined) return;
    // AIP-193: "All error responses must include an ErrorInfo payload".
    expect(Object.keys(error)).toEqual(['code', 'message', 'status', 'details']);
    expect(error.code).toBe(status);
    expect(error.details[0]).toMatchObject({
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: expect.stringMatching(/^[A-Z][A-Z0-9_]+[A-Z0-9]$/),
      domain: expect.stringMatching(/\.googleapis\.com$/),
    });
  });

  test('a cancel of a running transfer stops it, and its operation says so', async () => {
    expect(await call(`POST /v1/${running}:cancel`)).toEqual({ status: 200, json: {} });
    await until(
      'the end of the transfer',
      async () => ((await call(`GET /v1/${running}`)).json as { readonly done?: boolean }).done === true,
    );
    expect((await call(`GET /v1/${running}`)).json).toMatchObject({
      error: { code: 1 },
      metadata: { status: 'ABORTED' },
    });
  });
});
