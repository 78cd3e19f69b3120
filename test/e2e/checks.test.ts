/** A real sidecar, the files that it takes, and the client that people use for the Checks API, unmodified. */
import { gzipSync } from 'node:zlib';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { checks as checksClient, type checks_v1alpha } from '@googleapis/checks';
import { LongrunningClient } from '../../src/client/longrunning-client.ts';
import { OperationOwner } from '../../src/client/operation-owner.ts';
import type { OwnedHandler } from '../../src/client/owned-work.ts';
import { untilAborted } from '../../src/core/until-aborted.ts';
import { domainAny, packAny, unpackAny, type Message } from '../../src/schema/protos.ts';
import type { SidecarProcess } from '../support/sidecar-process.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

const APP = 'accounts/1/apps/2';
const UPLOAD = `/upload/v1alpha/${APP}/reports:analyzeUpload`;
const REPORT = 'google.checks.report.v1alpha.Report';
const SCAN = 'google.checks.repo_scan.v1alpha.RepoScan';
/** Few and small, so that tests reach the bounds. */
const LIMITS = { uploads: { uploadSizeMaxBytes: 3_000_000, spoolSizeMaxBytes: 20_000_000 } };

let workspace: Workspace;
let sidecar: SidecarProcess;
let worker: LongrunningClient;

beforeAll(async () => {
  workspace = new Workspace();
  await start();
});

afterAll(async () => {
  worker.close();
  await workspace.remove();
});

async function start(): Promise<void> {
  sidecar = await workspace.start({ limits: LIMITS });
  worker = new LongrunningClient(sidecar.grpc);
}

async function restart(): Promise<void> {
  worker.close();
  await sidecar.kill();
  await start();
}

const url = (path: string): string => `http://${sidecar.http ?? ''}${path}`;
const spooled = (): readonly string[] =>
  existsSync(workspace.path('uploads')) ? readdirSync(workspace.path('uploads')) : [];

interface Reply {
  readonly status: number;
  readonly body: {
    readonly name: string;
    readonly error?: { readonly status: string; readonly details: readonly [{ readonly reason: string }] };
  };
}

async function post(
  path: string,
  body: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const stream = body instanceof ReadableStream ? { duplex: 'half' } : {};
  const response = await fetch(url(path), { method: 'POST', body, headers, ...stream } as RequestInit);
  return { status: response.status, body: (await response.json()) as Reply['body'] };
}

interface Analysis {
  readonly request: Message;
  readonly report: string;
  readonly upload: {
    readonly uri: string;
    readonly sizeBytes: string;
    readonly sha256: Buffer;
    readonly fileName?: string;
  };
}

/** Takes the work of an operation, as a worker does. */
async function acquire(name: string) {
  const { lease, request } = await worker.control.acquire(name);
  return {
    lease,
    analysis: unpackAny(domainAny({ type_url: request.typeUrl, value: request.value })) as unknown as Analysis,
  };
}

async function finish(name: string, report: Message = {}): Promise<string> {
  const { lease, analysis } = await acquire(name);
  await worker.control.complete(lease, { response: packAny(REPORT, { ...report, name: analysis.report }) });
  return analysis.report;
}

/** Ends what is not needed any more. */
async function dropped(name: string): Promise<void> {
  await fetch(url(`/v1alpha/${name}:cancel`), { method: 'POST' });
  await until(
    'the file of a cancelled operation to go',
    () => !spooled().includes(`${name.split('/').at(-1) ?? ''}.upload`),
  );
}

interface Sent {
  readonly path?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

/** Files of operations that have ended go a moment after that. */
const emptied = () => until('the spool to be empty', () => spooled().length === 0);

describe('an upload', () => {
  beforeEach(emptied);

  const bytes = randomBytes(1_500_000);
  const text = (lines: readonly string[], lineEnd: string): Buffer =>
    Buffer.concat([
      Buffer.from(lines.join(lineEnd) + lineEnd + lineEnd),
      bytes,
      Buffer.from(`${lineEnd}--x--${lineEnd}`),
    ]);
  const related = [
    '--x',
    'Content-Type: application/json',
    '',
    '{"code_reference_id":"c"}',
    '--x',
    'Content-Type: a/b',
  ];
  const form = new FormData();
  form.append('code_reference_id', 'c');
  form.append('file', new Blob([bytes]), 'my.apk');

  test.each<[string, string, () => NonNullable<RequestInit['body']>, Record<string, string>]>([
    [
      'raw, as the documentation has it',
      `${UPLOAD}?codeReferenceId=c`,
      () => bytes,
      { 'x-goog-upload-protocol': 'raw' },
    ],
    ['raw, with uploadType', `${UPLOAD}?uploadType=media&codeReferenceId=c`, () => bytes, {}],
    [
      'in chunks, at the path of the method itself',
      `/v1alpha/${APP}/reports:analyzeUpload?codeReferenceId=c`,
      () => Readable.toWeb(Readable.from([bytes.subarray(0, 10), bytes.subarray(10)])) as ReadableStream,
      {},
    ],
    [
      'as multipart/related',
      `${UPLOAD}?uploadType=multipart`,
      () => text(related, '\r\n'),
      { 'content-type': 'multipart/related; boundary=x' },
    ],
    [
      'as multipart/related with LF',
      UPLOAD,
      () => text(related, '\n'),
      { 'content-type': 'multipart/related; boundary="x"' },
    ],
    ['as a form', UPLOAD, () => form, {}],
  ])('%s is durable when it is answered, and its worker is told where it is', async (_, path, body, headers) => {
    const { status, body: operation } = await post(path, body(), headers);
    expect(operation).toEqual({ name: expect.stringMatching(`^${APP}/operations/[0-9a-f-]{36}$`) });
    expect(status).toBe(200);

    const { lease, analysis } = await acquire(operation.name);

    expect(analysis.request).toEqual({ parent: APP, codeReferenceId: 'c' });
    expect(readFileSync(fileURLToPath(analysis.upload.uri)).equals(bytes)).toBe(true);
    expect(analysis.upload.sizeBytes).toBe(String(bytes.length));
    expect(analysis.upload.sha256).toEqual(createHash('sha256').update(bytes).digest());
    await worker.control.complete(lease, { response: packAny(REPORT, { name: analysis.report }) });
  });

  const multipart = { 'content-type': 'multipart/related; boundary=x' };

  test.each<[string, Sent, number, string]>([
    ['resumable', { path: `${UPLOAD}?uploadType=resumable` }, 501, 'UPLOAD_PROTOCOL_NOT_SERVED'],
    [
      'resumable by its header',
      { headers: { 'x-goog-upload-protocol': 'resumable' } },
      501,
      'UPLOAD_PROTOCOL_NOT_SERVED',
    ],
    ['of nothing', { body: '' }, 400, 'UPLOAD_EMPTY'],
    ['of metadata alone', { body: '--x\r\n\r\n{}\r\n--x--', headers: multipart }, 400, 'UPLOAD_EMPTY'],
    ['that is too large', { body: new Uint8Array(3_000_001) }, 413, 'UPLOAD_TOO_LARGE'],
    ['cut off', { body: '--x\r\n\r\n{}\r\n--x\r\n\r\nPK', headers: multipart }, 400, 'MALFORMED_MULTIPART'],
    ['with a field that there is not', { path: `${UPLOAD}?colour=red` }, 400, 'INVALID_JSON'],
    ['that is compressed by brotli', { headers: { 'content-encoding': 'br' } }, 415, 'CONTENT_ENCODING_NOT_SUPPORTED'],
    ['that is no gzip', { headers: { 'content-encoding': 'gzip' } }, 400, 'MALFORMED_GZIP'],
    [
      'that is small, and too large',
      { body: gzipSync(new Uint8Array(3_000_001)), headers: { 'content-encoding': 'gzip' } },
      413,
      'UPLOAD_TOO_LARGE',
    ],
    ['for no app', { path: UPLOAD.replace('apps/2', 'apps/-') }, 400, 'INVALID_NAME'],
  ])('%s is refused, and leaves nothing', async (_, { path = UPLOAD, body = 'PK', headers = {} }, status, reason) => {
    const reply = await post(path, body as string, headers);
    expect(reply.body.error?.details[0].reason).toBe(reason);
    expect(reply.status).toBe(status);
    expect(spooled()).toEqual([]);
  });

  // Many, as what was wrong once took the process with it, and hung on which of two turns came first.
  test('whose caller leaves in the middle leaves nothing', async () => {
    for (let count = 0; count < 20; count += 1) {
      const sent = httpRequest(url(UPLOAD), { method: 'POST', headers: { 'content-length': '1000000' } });
      sent.on('error', () => undefined).write(Buffer.alloc(500_000));
      await until('the file to be begun', () => spooled().some((name) => name.endsWith('.part')));
      sent.destroy();
      await emptied();
    }
    expect(sidecar.hasExited).toBe(false);
  });

  test('whose server is killed in the middle leaves nothing that stays', async () => {
    const sent = httpRequest(url(UPLOAD), { method: 'POST', headers: { 'content-length': '1000000' } });
    sent.on('error', () => undefined).write(Buffer.alloc(500_000));
    await until('the file to be begun', () => spooled().some((name) => name.endsWith('.part')));
    await restart();
    await emptied();
  });

  test('that was answered survives a kill, and so does the removal of its file after its end', async () => {
    const { body: operation } = await post(UPLOAD, 'PK');
    await restart();
    const { lease, analysis } = await acquire(operation.name);
    expect(readFileSync(fileURLToPath(analysis.upload.uri), 'utf8')).toBe('PK');

    await worker.control.complete(lease, { response: packAny(REPORT, { name: analysis.report }) });
    await restart();

    await until('the file to go', () => !existsSync(fileURLToPath(analysis.upload.uri)));
    const report = await fetch(url(`/v1alpha/${analysis.report}`));
    expect(await report.json()).toEqual({ name: analysis.report });
  });
});

describe('the client @googleapis/checks', () => {
  let client: checks_v1alpha.Checks;

  beforeAll(() => {
    client = checksClient({ version: 'v1alpha', rootUrl: url('/') });
  });

  /** The client takes the address of uploads from each call alone. */
  const root = (): { readonly rootUrl: string } => ({ rootUrl: url('/') });

  async function upload(parent = APP): Promise<string> {
    const params = {
      parent,
      requestBody: { codeReferenceId: 'c' },
      media: { mimeType: 'application/zip', body: Readable.from(['PK']) },
    };
    return (await client.media.upload(params, root())).data.name ?? '';
  }

  test('uploads, with metadata and without, and waits for the report', async () => {
    const { data } = await client.media.upload({ parent: APP, media: { body: Readable.from(['PK']) } }, root());
    await dropped(data.name ?? '');

    const name = await upload();
    const waiting = client.accounts.apps.operations.wait({ name, requestBody: { timeout: '30s' } });
    const report = await finish(name, { resultsUri: 'https://checks.example/1', checks: [{ state: 'FAILED' }] });

    const { data: operation } = await waiting;
    expect(operation).toMatchObject({ name, done: true });
    expect(operation.response).toEqual({
      '@type': `type.googleapis.com/${REPORT}`,
      name: report,
      resultsUri: 'https://checks.example/1',
      checks: [{ state: 'FAILED' }],
    });
    // "By default, only the name and results_uri fields are returned."
    const named = await client.accounts.apps.reports.get({ name: report });
    expect(named.data).toEqual({ name: report, resultsUri: 'https://checks.example/1' });
    const whole = await client.accounts.apps.reports.get({ name: report, fields: 'name,checks' });
    expect(whole.data).toEqual({ name: report, checks: [{ state: 'FAILED' }] });
  });

  test('lists apps, reports and operations page by page', async () => {
    const parent = 'accounts/9/apps/lists';
    const names = [await upload(parent), await upload(parent), await upload(parent)];
    const reports = [await finish(names[0] ?? ''), await finish(names[1] ?? '')];

    const { data: apps } = await client.accounts.apps.list({ parent: 'accounts/9' });
    expect(apps).toEqual({ apps: [{ name: parent, title: 'lists' }] });
    const { data: app } = await client.accounts.apps.get({ name: parent });
    expect(app).toEqual({ name: parent, title: 'lists' });

    const { data: first } = await client.accounts.apps.reports.list({ parent, pageSize: 1 });
    expect(first).toEqual({ reports: [{ name: reports[1] }], nextPageToken: expect.stringMatching(/./) });
    const { data: second } = await client.accounts.apps.reports.list({
      parent,
      pageSize: 1,
      pageToken: first.nextPageToken ?? '',
    });
    expect(second).toEqual({ reports: [{ name: reports[0] }] });

    const seen: (string | null | undefined)[] = [];
    for (let pageToken: string | undefined = ''; pageToken !== undefined;) {
      const page: { data: checks_v1alpha.Schema$ListOperationsResponse } = await client.accounts.apps.operations.list({
        ...{ name: parent, pageSize: 2, filter: 'done = true' },
        ...(pageToken === '' ? {} : { pageToken }),
      });
      seen.push(...(page.data.operations ?? []).map((operation) => operation.name));
      pageToken = page.data.nextPageToken ?? undefined;
    }
    expect(seen.toSorted()).toEqual(names.slice(0, 2).toSorted());
    await dropped(names[2] ?? '');
  });

  test('cancels, and the operation says so', async () => {
    const name = await upload();
    expect((await client.accounts.apps.operations.cancel({ name, requestBody: {} })).data).toEqual({});
    const { data } = await client.accounts.apps.operations.get({ name });
    expect(data).toMatchObject({ name, done: true, error: { code: 1 } });
    // Done already: nothing changes.
    expect((await client.accounts.apps.operations.cancel({ name })).data).toEqual({});
  });

  test('deletes, which forgets an operation, once', async () => {
    const name = await upload();
    await client.accounts.apps.operations.cancel({ name });
    expect((await client.accounts.apps.operations.delete({ name })).data).toEqual({});
    await expect(client.accounts.apps.operations.get({ name })).rejects.toMatchObject({ status: 404 });
    await expect(client.accounts.apps.operations.delete({ name })).rejects.toMatchObject({ status: 404 });
  });

  test.each([
    ['an operation of an app', () => client.accounts.apps.operations.get({ name: `${APP}/operations/none` })],
    [
      'an operation of a repository',
      () => client.accounts.repos.operations.get({ name: 'accounts/1/repos/2/operations/3' }),
    ],
    ['a report', () => client.accounts.apps.reports.get({ name: `${APP}/reports/none` })],
    ['a scan', () => client.accounts.repos.scans.get({ name: 'accounts/1/repos/2/scans/3' })],
    ['an app', () => client.accounts.apps.get({ name: 'accounts/1/apps/none' })],
  ])('is told that %s is not there', async (_, call) => {
    await expect((call as () => Promise<unknown>)()).rejects.toMatchObject({ status: 404 });
  });

  test('is told that classifications are not served', async () => {
    await expect(client.aisafety.classifyContent({ requestBody: {} })).rejects.toMatchObject({
      status: 404,
      message: 'nothing is served at /v1alpha/aisafety:classifyContent; see docs/http.md for the paths',
    });
  });

  describe('has scans generated of a source tree', () => {
    const parent = 'accounts/1/repos/2';
    const scmMetadata = { remoteUri: 'https://git.example.com/app.git', branch: 'main', revisionId: 'abc' };
    const sources = [
      { dataType: 'DATA_TYPE_EMAIL_ADDRESS', codeAttribution: { path: 'a.ts', lineNumber: 3, codeExcerpt: 'mail' } },
    ];
    const requestBody = { cliVersion: '1.2', localScanPath: '/src', scmMetadata, cliAnalysis: { sources } };

    let owner: OperationOwner;
    let searching: AbortController;

    beforeEach(() => {
      owner = new OperationOwner(worker);
      searching = new AbortController();
    });

    afterEach(async () => {
      searching.abort();
      await owner.drain(10_000);
    });

    /** A worker of the source tree, as a service beside the sidecar has one. */
    function work(handler: OwnedHandler): void {
      const options = { parent, kind: 'checks.generateScan', slotCount: 1, signal: searching.signal };
      void owner.takeOver(options, handler);
    }

    const operationOf = async (name: string) => (await client.accounts.repos.operations.get({ name })).data;

    async function ended(name: string) {
      return until('the operation to end', async () => {
        const operation = await operationOf(name);
        return operation.done === true && operation;
      });
    }

    test('and reads what its worker has published', async () => {
      work(async ({ request }) => {
        const { request: asked, scan } = unpackAny(request) as unknown as { request: Message; scan: string };
        const { cliVersion, localScanPath, scmMetadata: revision, cliAnalysis } = asked;
        const { sources: found } = cliAnalysis as Message;
        const message = { name: scan, cliVersion, localScanPath, scmMetadata: revision, sources: found };
        return { response: packAny(SCAN, message) };
      });
      const { data } = await client.accounts.repos.scans.generate({ parent, requestBody });
      expect(data).toEqual({ name: expect.stringMatching(`^${parent}/operations/[0-9a-f-]{36}$`) });

      const operation = await ended(data.name ?? '');

      const name = String(operation.response?.['name']);
      const whole = { name, cliVersion: '1.2', localScanPath: '/src', scmMetadata, sources };
      expect(operation.response).toEqual({ '@type': `type.googleapis.com/${SCAN}`, ...whole });
      const { scans } = client.accounts.repos;
      // "By default, only the name and results_uri fields are returned."
      expect((await scans.get({ name })).data).toEqual({ name });
      expect((await scans.get({ name, fields: '*' })).data).toEqual(whole);
      const { data: page } = await scans.list({ parent, filter: 'scm_metadata.branch = "main"' });
      expect(page).toEqual({ repoScans: [{ name }] });
    });

    test('and a bulk cancel of the tree stops one that is under way', async () => {
      const begun = Promise.withResolvers<undefined>();
      work(async ({ signal }) => {
        begun.resolve(undefined);
        return untilAborted(new Promise<never>(() => undefined), signal);
      });
      const { data } = await client.accounts.repos.scans.generate({ parent, requestBody });
      const name = data.name ?? '';
      await begun.promise;
      await worker.control.bulkCancel({ parent, filter: `name = "${name}"` });

      const stopped = { metadata: expect.objectContaining({ stopConfirmed: 'true' }) };
      expect((await ended(name)).error).toMatchObject({ code: 1, details: [stopped] });
    });

    test('and is told what a request lacks', async () => {
      const request = { parent, requestBody: { ...requestBody, cliVersion: '' } };
      await expect(client.accounts.repos.scans.generate(request)).rejects.toMatchObject({
        status: 400,
        message: 'cli_version: is required',
      });
    });
  });
});
