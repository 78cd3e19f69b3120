/** Object conditions over the public client: prefixes and times of a job that runs in a real sidecar. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readTree } from '../support/tree.ts';
import { PROJECT, TransferClient, type SeenOperation } from './support/transfer-client.ts';
import { Workspace } from './support/workspace.ts';

const HOUR_S = 3600;

let workspace: Workspace;
let client: TransferClient;
let source: string;
let sink: string;

beforeEach(async () => {
  workspace = new Workspace();
  client = new TransferClient((await workspace.start()).grpc);
  source = workspace.directory('files', 'from');
  sink = workspace.directory('files', 'to');
  for (const path of ['logs/new', 'logs/old', 'logs/tmp/1', 'data/1']) plant(source, path);
  const old = Date.now() / 1000 - 2 * HOUR_S;
  utimesSync(join(source, 'logs/old'), old, old);
});
afterEach(async () => {
  await client.close();
  await workspace.remove();
});

function plant(root: string, path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), path);
}

const filesAtSink = (): string[] => [...readTree(sink).keys()].toSorted();

async function createJob(objectConditions: object, transferOptions: object = {}): Promise<string> {
  const ends = { posixDataSource: { rootDirectory: source }, posixDataSink: { rootDirectory: sink } };
  const transferSpec = { ...ends, objectConditions, transferOptions };
  const [job] = await client.stock.createTransferJob({
    transferJob: { projectId: PROJECT, status: 'ENABLED' as const, transferSpec },
  });
  return job.name ?? '';
}

async function transfer(conditions: object, options?: object): Promise<SeenOperation> {
  return client.untilDone(await client.run(await createJob(conditions, options)));
}

test('only what begins with a prefix is copied, or deleted at the sink', async () => {
  plant(sink, 'logs/gone');
  plant(sink, 'data/gone');

  const conditions = { includePrefixes: ['logs/'], excludePrefixes: ['logs/tmp/'] };
  const { status, counters } = await transfer(conditions, { deleteObjectsUniqueInSink: true });

  expect(status).toBe('SUCCESS');
  expect(filesAtSink()).toEqual(['data/gone', 'logs/new', 'logs/old']);
  expect(counters).toMatchObject({ objectsCopiedToSink: 2, objectsDeletedFromSink: 1, objectsFoundFromSource: 2 });
});

test('only what was modified within the last hour before the operation began is copied', async () => {
  const job = await createJob({ maxTimeElapsedSinceLastModification: { seconds: HOUR_S } });
  expect((await client.job(job)).transferSpec?.objectConditions).toMatchObject({
    maxTimeElapsedSinceLastModification: { seconds: String(HOUR_S) },
  });

  const { status, counters } = await client.untilDone(await client.run(job));

  expect(status).toBe('SUCCESS');
  expect(filesAtSink()).toEqual(['data/1', 'logs/new', 'logs/tmp/1']);
  expect(counters).toMatchObject({ objectsFoundFromSource: 3, objectsFromSourceSkippedBySync: 0 });
});

test('a job whose prefixes break a rule of the proto is refused when it is created', async () => {
  await expect(createJob({ includePrefixes: ['logs/', 'logs/tmp/'] })).rejects.toMatchObject({
    code: 3,
    errorInfoMetadata: { field: 'transfer_job.transfer_spec.object_conditions.include_prefixes[1]' },
  });
});
