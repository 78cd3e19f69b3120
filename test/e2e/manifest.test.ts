/** Manifests over the public client: in a bucket, and in the file system that is transferred. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FakeGcs } from '../support/fake-gcs/fake-gcs.ts';
import { readTree } from '../support/tree.ts';
import { PROJECT, TransferClient, type SeenOperation } from './support/transfer-client.ts';
import { Workspace } from './support/workspace.ts';

let workspace: Workspace;
let gcs: FakeGcs;
let client: TransferClient;
let sink: string;

beforeEach(async () => {
  workspace = new Workspace();
  gcs = await FakeGcs.start();
  gcs.createBucket('bound');
  const buckets = { bound: { kind: 'gcs', endpoint: gcs.server.origin, credentials: 'none' } };
  writeFileSync(workspace.path('config.yaml'), JSON.stringify({ buckets }));
  const sidecar = await workspace.start({ flags: [`--config=${workspace.path('config.yaml')}`] });
  client = new TransferClient(sidecar.grpc);
  sink = workspace.directory('files', 'to');
});
afterEach(async () => {
  await client.close();
  await workspace.remove();
  await gcs.close();
});

/** @returns its generation. */
function put(name: string, text = name): string {
  return gcs.bucket('bound').put(name, Buffer.from(text), {}, new URLSearchParams()).resource.generation;
}

const filesAtSink = (): string[] => [...readTree(sink).keys()].toSorted();

async function createJob(transferSpec: object): Promise<string> {
  const spec = { posixDataSink: { rootDirectory: sink }, ...transferSpec };
  const transferJob = { projectId: PROJECT, status: 'ENABLED' as const, transferSpec: spec };
  const [job] = await client.stock.createTransferJob({ transferJob });
  return job.name ?? '';
}

async function transfer(spec: object): Promise<SeenOperation> {
  return client.untilDone(await client.run(await createJob(spec)));
}

test('in a bucket: the objects it names leave another path of it, each in the generation that is named', async () => {
  put('data/not-named');
  const [live] = [put('data/a'), put('data/d/"b"')];
  put('data/changed');
  put('lists/m.csv', `"d/""b"""\ngone\na,${live}\nchanged,1\n`);

  const job = await createJob({
    gcsDataSource: { bucketName: 'bound', path: 'data/' },
    transferManifest: { location: 'gs://bound/lists/m.csv' },
  });
  const location = (await client.job(job)).transferSpec?.transferManifest?.location;
  const { status, counters, operation } = await client.untilDone(await client.run(job));

  expect(location).toBe('gs://bound/lists/m.csv');
  expect(filesAtSink()).toEqual(['a', 'd/"b"']);
  expect(status).toBe('FAILED');
  expect(operation.error?.code).toBe(5);
  expect(counters).toMatchObject({ objectsCopiedToSink: 2, objectsFromSourceFailed: 2, objectsFoundFromSource: 4 });
});

test('in the source’s file system, by source://', async () => {
  const source = workspace.directory('files', 'from');
  for (const path of ['a', 'd/b', 'not-named']) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), path);
  }
  writeFileSync(join(source, 'd/m.csv'), 'd/b\r\na\r\n');

  const { status, counters } = await transfer({
    posixDataSource: { rootDirectory: source },
    transferManifest: { location: 'source://d/m.csv' },
  });

  expect(status).toBe('SUCCESS');
  expect(filesAtSink()).toEqual(['a', 'd/b']);
  expect(counters).toMatchObject({ objectsCopiedToSink: 2, objectsFoundFromSource: 2 });
});

test('one that is not there fails the operation with NOT_FOUND', async () => {
  put('a');
  const { status, operation } = await transfer({
    gcsDataSource: { bucketName: 'bound' },
    transferManifest: { location: 'gs://bound/none.csv' },
  });
  expect(status).toBe('FAILED');
  expect(operation.error).toMatchObject({ code: 5, message: expect.stringContaining('gs://bound/none.csv') });
});

test('in a bucket that nothing is bound to it is refused when the job is created', async () => {
  const location = 'gs://somebody-elses/m.csv';
  await expect(
    createJob({ gcsDataSource: { bucketName: 'bound' }, transferManifest: { location } }),
  ).rejects.toMatchObject({ code: 7, reason: 'BUCKET_NOT_BOUND' });
});
