/** The habits of clients that people already have: what they send and expect, beyond what the API's text says. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { protos } from '@google-cloud/storage-transfer';
import { compareTrees, plantTree } from '../support/tree.ts';
import { RawClient } from './support/raw-client.ts';
import { PROJECT, seenTransfer, TransferClient, type Counters, type Route } from './support/transfer-client.ts';
import { writeTree } from './support/tree.ts';
import { Workspace } from './support/workspace.ts';

const { ListOperationsRequest } = protos.google.longrunning;
const { Status } = protos.google.storagetransfer.v1.TransferOperation;

/** The client takes pages as it is told, and does not warn about it. */
const MANUAL = { autoPaginate: false };

/** gcloud's own: every key it knows, as null where the user gave none. */
const GCLOUD_NULLS = { jobNames: null, operationNames: null, transferStatuses: null };
/** `gcloud transfer jobs update` always sends all of it. */
const GCLOUD_MASK = ['description', 'logging_config', 'notification_config', 'schedule', 'status', 'transfer_spec'];

let workspace: Workspace;
let client: TransferClient;
let raw: RawClient;
let route: Route;

beforeEach(async () => {
  workspace = new Workspace();
  route = { source: join(workspace.files, 'from'), sink: join(workspace.files, 'to') };
  const limits = { transfers: { objectsPerSecondMax: 200, groupObjectCountMax: 64 } };
  const sidecar = await workspace.start({ limits });
  client = new TransferClient(sidecar.grpc);
  raw = new RawClient(sidecar.grpc);
});

afterEach(async () => {
  raw.close();
  await client.close();
  await workspace.remove();
});

/** Some seconds of work at the rate of these tests. */
function writeSlowTree(): void {
  writeTree(route.source, { seed: 5, smallCount: 400, largeNames: [], largeSizeBytes: 0 });
}

/** So much that no machine is done with it before the next call comes. */
function writeLongTree(): void {
  writeTree(route.source, { seed: 5, smallCount: 4000, largeNames: [], largeSizeBytes: 0 });
}

function writeQuickTree(): void {
  writeTree(route.source, { seed: 5, smallCount: 10, largeNames: [], largeSizeBytes: 0 });
}

async function runJob() {
  const jobName = await client.createJob(route);
  const [operation] = await client.stock.runTransferJob({ jobName, projectId: PROJECT });
  return { jobName, operation, name: operation.name ?? '' };
}

describe('the Node client’s operation', () => {
  test('resolves its promise when the transfer is done, with its metadata decoded', async () => {
    writeQuickTree();
    const { operation, name, jobName } = await runJob();

    const [response, metadata] = await operation.promise();

    expect(response).toEqual({});
    expect(metadata).toMatchObject({ name, projectId: PROJECT, transferJobName: jobName, status: Status.SUCCESS });
    expect(Number(metadata.counters?.objectsCopiedToSink)).toBe(10);
    expect(metadata.transferSpec?.posixDataSink?.rootDirectory).toBe(route.sink);
  });

  test('rejects its promise with code 1 after its cancel', async () => {
    writeLongTree();
    const { operation } = await runJob();
    const ended = operation.promise().catch((error: unknown) => error);

    await operation.cancel();

    expect(await ended).toMatchObject({ code: 1, message: expect.stringMatching(/cancelled/) });
  });

  test('rejects its promise with the error of a transfer that failed', async () => {
    const { operation } = await runJob();

    await expect(operation.promise()).rejects.toMatchObject({
      code: 5,
      message: expect.stringContaining(route.source),
    });
  });

  test('is found again by its name alone, as by another process', async () => {
    writeQuickTree();
    const { operation, name } = await runJob();
    await operation.promise();

    const found = await client.stock.checkRunTransferJobProgress(name);
    const [, metadata] = await found.promise();

    expect(found.latestResponse.done).toBe(true);
    expect(metadata).toMatchObject({ name, status: Status.SUCCESS });
  });

  test('emits progress while it is polled', async () => {
    writeSlowTree();
    const { operation } = await runJob();
    const statuses = new Set<unknown>();
    operation.on('progress', (metadata: { readonly status?: unknown }) => statuses.add(metadata.status));

    await operation.promise();

    expect(statuses).toContain(Status.IN_PROGRESS);
  });
});

describe('a list of operations', () => {
  type StockRequest = Parameters<TransferClient['stock']['operationsClient']['listOperations']>[0];

  const list = async (filter: object): Promise<readonly string[]> => {
    const request: unknown = { name: 'transferOperations', filter: JSON.stringify(filter), pageSize: 256 };
    // The client's types say that this resolves with a response; with autoPaginate off its first part is the page.
    const reply: unknown = await client.stock.operationsClient.listOperations(request as StockRequest, MANUAL);
    const [operations] = reply as readonly [readonly { readonly name: string }[]];
    return operations.map(({ name }) => name);
  };

  /** Three runs of two jobs, the newest first. */
  async function threeRuns() {
    writeQuickTree();
    const first = await runJob();
    await first.operation.promise();
    const second = await runJob();
    await second.operation.promise();
    const [third] = await client.stock.runTransferJob({ jobName: first.jobName, projectId: PROJECT });
    await third.promise();
    return { jobs: [first.jobName, second.jobName], names: [third.name ?? '', second.name, first.name] };
  }

  test('is what gcloud asks for: nulls, prefixed names, statuses in lower case, the newest first', async () => {
    const { jobs, names } = await threeRuns();
    const [newest, , oldest] = names;

    expect(await list({ ...GCLOUD_NULLS, projectId: PROJECT })).toEqual(names);
    expect(await list({ ...GCLOUD_NULLS, projectId: PROJECT, jobNames: [jobs[0]] })).toEqual([newest, oldest]);
    expect(await list({ ...GCLOUD_NULLS, projectId: PROJECT, operationNames: [oldest] })).toEqual([oldest]);
    expect(await list({ ...GCLOUD_NULLS, projectId: PROJECT, transferStatuses: ['success'] })).toEqual(names);
    expect(await list({ ...GCLOUD_NULLS, projectId: PROJECT, transferStatuses: ['failed', 'ABORTED'] })).toEqual([]);
    expect(await list({ ...GCLOUD_NULLS, projectId: 'another' })).toEqual([]);
  });

  test('is paged through by the client without being asked', async () => {
    const { names } = await threeRuns();
    const request = ListOperationsRequest.create({
      name: 'transferOperations',
      filter: JSON.stringify({ projectId: PROJECT }),
      pageSize: 1,
    });
    const seen: unknown[] = [];

    for await (const operation of client.stock.listOperationsAsync(request, MANUAL)) {
      seen.push((operation as { readonly name?: unknown }).name);
    }

    expect(seen).toEqual(names);
  });
});

describe('a list of jobs', () => {
  test('is paged through by the client', async () => {
    const names = [await client.createJob(route), await client.createJob(route), await client.createJob(route)];
    const filter = JSON.stringify({ projectId: PROJECT, jobNames: null, jobStatuses: null });
    const seen: unknown[] = [];

    for await (const job of client.stock.listTransferJobsAsync({ filter, pageSize: 2 }, MANUAL)) seen.push(job.name);

    expect(seen).toEqual(names.toReversed());
  });
});

describe('an update', () => {
  test('of gcloud sends back the whole job with its mask of six, and changes what it means to', async () => {
    const jobName = await client.createJob(route);
    const { projectId: _projectId, ...fetched } = await client.job(jobName);

    const [updated] = await client.stock.updateTransferJob({
      jobName,
      projectId: PROJECT,
      transferJob: { ...fetched, description: 'nightly', status: 'DISABLED' },
      updateTransferJobFieldMask: { paths: GCLOUD_MASK },
    });

    expect(updated).toMatchObject({ name: jobName, projectId: PROJECT, description: 'nightly', status: 'DISABLED' });
    expect(updated.transferSpec).toEqual(fetched.transferSpec);
    expect(await client.job(jobName)).toEqual(updated);
  });

  test('of a job leaves the operation that runs alone, and so does its deletion', async () => {
    writeSlowTree();
    const { jobName, operation } = await runJob();

    await client.stock.deleteTransferJob({ jobName, projectId: PROJECT });
    const [, metadata] = await operation.promise();

    expect(metadata).toMatchObject({ status: Status.SUCCESS });
    expect((await client.job(jobName)).status).toBe('DELETED');
  });
});

describe('a run', () => {
  // RunTransferJob: "A TransferJob has a maximum of one active TransferOperation."
  test('of a job that has one already is ABORTED, and names it', async () => {
    writeLongTree();
    const { jobName, name } = await runJob();

    const refusal = await raw.refusal('StorageTransferService/RunTransferJob', { jobName, projectId: PROJECT });

    expect(refusal).toMatchObject({
      code: 10,
      reason: 'TRANSFER_JOB_HAS_ACTIVE_OPERATION',
      metadata: { transferJob: jobName, transferOperation: name },
    });
    expect((await client.job(jobName)).latestOperationName).toBe(name);
  });

  test('moves names that are hard to move, byte for byte', async () => {
    const files = plantTree(route.source, 11, { fileCount: 200 });
    const { operation } = await runJob();

    const [, metadata] = await operation.promise();

    expect(Number(metadata.counters?.objectsCopiedToSink)).toBe(files.length);
    expect(compareTrees(route.source, route.sink)).toEqual({
      equalCount: files.length,
      missing: [],
      extra: [],
      different: [],
      leftovers: [],
    });
  });
});

describe('while a transfer runs', () => {
  test('its counters are coherent and never go down', async () => {
    writeSlowTree();
    const { name } = await runJob();
    const samples: Counters[] = [];

    await client.untilSeen(name, ({ counters, operation }) => {
      samples.push(counters);
      return operation.done === true;
    });

    expect(new Set(samples.map(({ objectsCopiedToSink }) => objectsCopiedToSink)).size).toBeGreaterThan(2);
    expect(samples.filter((counters) => !isCoherent(counters))).toEqual([]);
    expect(samples.flatMap((counters, index) => falls(samples[index - 1] ?? counters, counters))).toEqual([]);
    expect(samples.at(-1)).toMatchObject({ objectsFoundFromSource: 400, objectsCopiedToSink: 400 });
  });

  test('a wait is answered when it is done, with what a Get answers then', async () => {
    writeSlowTree();
    const { name } = await runJob();

    const waited = await raw.bytes('Operations/WaitOperation', { name });

    expect(waited.equals(await raw.bytes('Operations/GetOperation', { name }))).toBe(true);
    const { done, metadata } = await raw.call('Operations/GetOperation', { name });
    expect(done).toBe(true);
    expect(seenTransfer(metadata as { readonly value: Buffer }).status).toBe('SUCCESS');
  });

  test('a wait is answered by its cancel', async () => {
    writeLongTree();
    const { name } = await runJob();
    const waiting = raw.call('Operations/WaitOperation', { name });

    await client.cancel(name);

    expect(await waiting).toMatchObject({ name, done: true, error: { code: 1 } });
  });
});

/** TRANSFER.md §2.8: found covers what was copied and what failed, in objects and in bytes. */
function isCoherent(counters: Counters): boolean {
  const count = (name: string): number => counters[name] ?? 0;
  return (
    count('objectsFoundFromSource') >= count('objectsCopiedToSink') + count('objectsFromSourceFailed') &&
    count('bytesFoundFromSource') >= count('bytesCopiedToSink') + count('bytesFromSourceFailed')
  );
}

/** The counters that went down from one look to the next. */
function falls(before: Counters, after: Counters): readonly string[] {
  return Object.keys(before).filter((name) => (after[name] ?? 0) < (before[name] ?? 0));
}
