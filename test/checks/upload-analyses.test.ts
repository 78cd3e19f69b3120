import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { UploadAnalyses } from '../../src/checks/upload-analyses.ts';
import { UploadJanitor } from '../../src/checks/upload-janitor.ts';
import { UploadRecords } from '../../src/checks/upload-records.ts';
import type { AnalyzeUploadRequest } from '../../src/checks/upload-rules.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { checksCodec, uploadAnalysisCodec } from '../../src/schema/checks-codec.ts';
import { decodeMessage } from '../../src/schema/protos.ts';
import { APP, ChecksHarness } from './checks-harness.ts';
import { MemoryUploadSpool } from './memory-upload-spool.ts';

let checks: ChecksHarness;
let spool: MemoryUploadSpool;
let janitor: UploadJanitor;
let analyses: UploadAnalyses;
let serial: number;
const stopping: (() => Promise<void>)[] = [];

beforeEach(() => {
  checks = new ChecksHarness();
  spool = new MemoryUploadSpool();
  serial = 0;
  janitor = newJanitor();
  analyses = newAnalyses();
});

afterEach(async () => {
  await Promise.all(stopping.splice(0).map((stop) => stop()));
});

function newJanitor(): UploadJanitor {
  const { memory, clock, logger } = checks.control;
  const records = new UploadRecords(memory.resources);
  const limits = { sweepIntervalMs: 60_000, spoolCountMax: 10 };
  return new UploadJanitor({ ...{ spool, records, clock, logger, limits }, operations: memory.operations });
}

function newAnalyses(changes: { readonly isOff?: true; readonly appCountMax?: number } = {}): UploadAnalyses {
  const { memory, clock, operations } = checks.control;
  const ownerTerms = { leaseDurationMs: 30_000, cancelGraceMs: 10_000, abandonAfterMs: 60_000 };
  return new UploadAnalyses({
    ...{ spool: changes.isOff === true ? undefined : spool, janitor, operations, clock },
    ...{ resources: memory.resources, records: new UploadRecords(memory.resources) },
    ...{ codec: checksCodec, analyses: uploadAnalysisCodec },
    newId: () => `u${String((serial += 1))}`,
    limits: { ownerTerms, appCountMax: changes.appCountMax ?? 10 },
  });
}

/** Runs the janitor beside the test. @returns what is done when its first look is over. */
function run(): void {
  const stop = new AbortController();
  const running = janitor.run(stop.signal);
  stopping.push(async () => {
    stop.abort();
    await running;
  });
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield Buffer.from(text);
}

function upload(request: AnalyzeUploadRequest = {}, header: { fileName?: string; contentType?: string } = {}) {
  const file = { fileName: '', contentType: '', ...header, chunks: bytes('app') };
  return analyses.start({ parent: APP, ...request }, file, new AbortController().signal);
}

const requestOf = ({ request }: Operation) => decodeMessage('longrunning.checks.v1.UploadAnalysis', request.value);

test('an upload makes an operation that tells its worker where the file is, and what the report is called', async () => {
  const operation = await upload(
    { codeReferenceId: 'abc', appBinaryFileType: 'ANDROID_AAB' },
    { fileName: 'C:\\builds\\app.aab', contentType: 'application/zip' },
  );

  expect(operation).toMatchObject({ name: `${APP}/operations/u1`, kind: 'checks.analyzeUpload', state: 'QUEUED' });
  expect(requestOf(operation)).toEqual({
    request: { parent: APP, codeReferenceId: 'abc', appBinaryFileType: 'ANDROID_AAB' },
    report: `${APP}/reports/u1`,
    upload: {
      ...{ uri: 'file:///u1', sizeBytes: '3', sha256: Buffer.alloc(32) },
      ...{ fileName: 'app.aab', contentType: 'application/zip' },
    },
  });
  expect(spool.files.get('u1')?.toString()).toBe('app');
});

test('an app is there from its first upload on', async () => {
  await expect(checks.published.getApp(APP)).rejects.toMatchObject({ code: Code.NOT_FOUND });
  await Promise.all([upload(), upload()]);
  expect(await checks.published.getApp(APP)).toEqual({ name: APP, title: '2' });
  const { messages } = await checks.published.listApps({ parent: 'accounts/1' });
  expect(messages).toHaveLength(1);
});

test('an account that is full of apps gets no other, and the file goes', async () => {
  analyses = newAnalyses({ appCountMax: 1 });
  await upload();
  await expect(upload({ parent: 'accounts/1/apps/3' })).rejects.toMatchObject({ code: Code.RESOURCE_EXHAUSTED });
  expect([...spool.files.keys()]).toEqual(['u1']);
});

test('without a place for uploads they are refused', async () => {
  analyses = newAnalyses({ isOff: true });
  await expect(upload()).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION, info: { reason: 'UPLOADS_OFF' } });
});

describe('what is refused before a byte is taken', () => {
  test.each<[string, AnalyzeUploadRequest, { fileName?: string; contentType?: string }]>([
    ['parent', { parent: '' }, {}],
    ['parent', { parent: 'accounts/1' }, {}],
    ['parent', { parent: 'accounts/1/apps/-' }, {}],
    ['parent', { parent: 'accounts/1/apps/a b' }, {}],
    ['parent', { parent: `accounts/1/apps/${'a'.repeat(64)}` }, {}],
    ['code_reference_id', { codeReferenceId: 'a'.repeat(257) }, {}],
    ['code_reference_id', { codeReferenceId: 'a\u0000' }, {}],
    ['app_binary_file_type', { appBinaryFileType: 17 }, {}],
    ['media.file_name', {}, { fileName: 'a'.repeat(256) }],
    ['media.content_type', {}, { contentType: 'a\n' }],
  ])('%s %p %p', async (field, request, header) => {
    await expect(upload(request, header)).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      info: { metadata: { field } },
    });
    expect(spool.files.size).toBe(0);
  });
});

describe('the file of an operation', () => {
  test('goes when the operation has ended, whatever with', async () => {
    run();
    const { name } = await upload();
    await checks.control.operations.cancel(name, { reason: 'user', actor: 'test' });
    await checks.control.clock.advance(0);
    expect(spool.files.size).toBe(0);
  });

  test('stays while a deleted operation is worked on, and goes with its end', async () => {
    run();
    const operation = await upload();
    await checks.control.call('AcquireOperation', { name: operation.name });
    await checks.control.operations.delete(operation.name);
    await janitor.sweep();
    expect(spool.files.size).toBe(1);
    await checks.completeAgain(operation.name, '1', { name: `${APP}/reports/u1` });
    await checks.control.clock.advance(0);
    expect(spool.files.size).toBe(0);
  });

  test('goes by the next look where no hint has told of the end', async () => {
    const { name } = await upload();
    await checks.control.operations.cancel(name, { reason: 'user', actor: 'test' });
    expect(spool.files.size).toBe(1);
    run();
    await checks.control.clock.advance(0);
    expect(spool.files.size).toBe(0);
  });

  test('that has none, as its process died in between, goes at the next start', async () => {
    spool.files.set('orphan', Buffer.from('app'));
    await upload();
    janitor = newJanitor();
    await janitor.sweep();
    expect([...spool.files.keys()]).toEqual(['u1']);
  });

  test('is not taken for an orphan before its operation is made', async () => {
    let sweptEarly: readonly string[] = [];
    const receive = spool.receive.bind(spool);
    spool.receive = async (id, chunks) => {
      const file = await receive(id, chunks);
      await janitor.sweep();
      sweptEarly = [...spool.files.keys()];
      return file;
    };
    await upload();
    expect(sweptEarly).toEqual(['u1']);
  });

  test('leaves no record behind', async () => {
    const { name } = await upload();
    await checks.control.operations.cancel(name, { reason: 'user', actor: 'test' });
    await janitor.sweep();
    expect(await new UploadRecords(checks.control.memory.resources).ids(10)).toEqual([]);
  });

  test('whose record outlived it is forgotten', async () => {
    const { name } = await upload();
    await checks.control.operations.cancel(name, { reason: 'user', actor: 'test' });
    spool.files.clear();
    await janitor.sweep();
    expect(await new UploadRecords(checks.control.memory.resources).ids(10)).toEqual([]);
  });
});
