import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readStored } from './support/database-file.ts';
import { RawClient, type Message } from './support/raw-client.ts';
import { Workspace } from './support/workspace.ts';

/** Enough that a kill finds the work half done. */
const COUNT = 600;

/** One operation in a write, so that there are many writes to be killed between. */
const SLOW = { workers: { childCountMax: 1 }, control: { bulkCancelCountMax: 1 } };

let workspace: Workspace;
let client: RawClient;

beforeEach(() => {
  workspace = new Workspace();
});

afterEach(async () => {
  client.close();
  await workspace.remove();
});

async function start(): Promise<Awaited<ReturnType<Workspace['start']>>> {
  const sidecar = await workspace.start({ limits: SLOW });
  client = new RawClient(sidecar.grpc);
  return sidecar;
}

async function create(request: Message): Promise<Message> {
  return client.call('OperationControl/CreateOperation', { kind: 'nobody', ...request });
}

async function stateOf(name: string): Promise<string> {
  const { summary } = await client.call('OperationControl/DescribeOperation', { name });
  return (summary as { readonly state: string }).state;
}

async function untilCancelled(name: string): Promise<void> {
  while ((await stateOf(name)) !== 'STATE_CANCELLED');
}

const nameOf = (index: number): string => `operations/c${String(index).padStart(4, '0')}`;

async function createAll(request: Message): Promise<void> {
  const indexes = Array.from({ length: COUNT }, (_, index) => index);
  await Promise.all(
    indexes.map((index) => create({ operationId: nameOf(index).slice('operations/'.length), ...request })),
  );
}

test('an owner keeps its operation over a kill of the sidecar, and a cancel reaches it afterwards', async () => {
  const first = await start();
  const runTimeout = { seconds: 100, nanos: 1 };
  const created = await create({ hold: { leaseDuration: { seconds: 20 } }, runTimeout, operationId: 'mine' });
  expect(created['lease']).toMatchObject({ fence: 1 });
  const lease = { name: 'operations/mine', fence: 1 };
  await first.kill();
  client.close();

  await start();
  expect(await client.call('OperationControl/UpdateOperation', lease)).toMatchObject({ state: 'STATE_RUNNING' });
  await client.call('Operations/CancelOperation', { name: lease.name });
  expect(await client.call('OperationControl/UpdateOperation', lease)).toMatchObject({
    state: 'STATE_CANCELLING',
    cancel: { reason: 'CANCEL_REASON_USER' },
  });
  const done = await client.call('OperationControl/CompleteOperation', { ...lease, cancelled: {} });
  expect(done).toMatchObject({ done: true, error: { code: 1 } });
});

test('a deadline that passes while no sidecar runs is kept by the next', async () => {
  const first = await start();
  // The client connects with its first call: a deadline that passes meanwhile would be refused.
  await create({ operationId: 'other' });
  const deadlineTime = { seconds: Math.ceil(Date.now() / 1000) + 3 };
  await create({ operationId: 'late', deadlineTime });
  await first.kill();
  client.close();

  await start();
  const done = await client.call('Operations/WaitOperation', { name: 'operations/late', timeout: { seconds: 100 } });
  expect(done).toMatchObject({ done: true, error: { code: 4 } });
});

test("a kill in the middle of a parent's cancel leaves no child uncancelled", async () => {
  const first = await start();
  await create({ operationId: 'parent' });
  await createAll({ parentOperation: 'operations/parent' });
  await client.call('Operations/CancelOperation', { name: 'operations/parent' });
  await untilCancelled(nameOf(0));
  await first.kill();
  client.close();
  expect(readStored(workspace.database, nameOf(COUNT - 1)).state).toBe('QUEUED');

  await start();
  await untilCancelled(nameOf(COUNT - 1));
  const { operations } = await client.call('Operations/ListOperations', {
    name: 'operations',
    pageSize: 1000,
    filter: 'done = false',
  });
  expect(operations).toEqual([]);
});

test('a bulk cancel goes on after a kill in its middle', async () => {
  const first = await start();
  await createAll({ labels: { team: 'a' } });
  const bulk = await client.call('OperationControl/BulkCancel', { parent: 'operations', filter: 'labels.team = "a"' });
  const name = bulk['name'] as string;
  const newest = await client.call('Operations/ListOperations', {
    name: 'operations',
    pageSize: 2,
    filter: 'labels.team = "a"',
  });
  await untilCancelled((newest['operations'] as readonly { readonly name: string }[])[0]?.name ?? '');
  await first.kill();
  client.close();
  expect(readStored(workspace.database, nameOf(0)).state).toBe('QUEUED');

  await start();
  const done = await client.call('Operations/WaitOperation', { name, timeout: { seconds: 100 } });
  expect(done).toMatchObject({ done: true, result: 'response' });
  const { operations } = await client.call('Operations/ListOperations', {
    name: 'operations',
    pageSize: 1000,
    filter: 'done = false',
  });
  expect(operations).toEqual([]);
});

test('a transfer shows standard progress', async () => {
  await start();
  const [from, to] = [workspace.directory('files', 'from'), workspace.directory('files', 'to')];
  for (let index = 0; index < 20; index++)
    writeFileSync(workspace.path('files', 'from', String(index)), 'x'.repeat(100));
  const transferSpec = { posixDataSource: { rootDirectory: from }, posixDataSink: { rootDirectory: to } };
  const transferJob = { projectId: 'p', status: 'ENABLED', transferSpec };
  const job = await client.call('StorageTransferService/CreateTransferJob', { transferJob });
  const run = await client.call('StorageTransferService/RunTransferJob', { jobName: job['name'], projectId: 'p' });
  const name = run['name'] as string;
  await client.call('Operations/WaitOperation', { name, timeout: { seconds: 100 } });
  const { summary } = await client.call('OperationControl/DescribeOperation', { name });
  expect((summary as Message)['progress']).toMatchObject({
    items: { done: 20, total: 20, totalComplete: true },
    bytes: { done: 2_000, total: 2_000 },
    timeLeft: { seconds: 0 },
  });
});
