/** Agent pools with the public client: work of a pool goes to processes that serve it. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { protos } from '@google-cloud/storage-transfer';
import { RawClient } from './support/raw-client.ts';
import { PROJECT, TransferClient, type Route } from './support/transfer-client.ts';
import { writeTree } from './support/tree.ts';
import { Workspace } from './support/workspace.ts';

const POOL = `projects/${PROJECT}/agentPools/inside`;

let workspace: Workspace;
let client: TransferClient;
let route: Route;

beforeEach(async () => {
  workspace = new Workspace();
  route = { source: join(workspace.files, 'from'), sink: join(workspace.files, 'to') };
  writeTree(route.source, { seed: 5, smallCount: 10, largeNames: [], largeSizeBytes: 0 });
});

afterEach(async () => {
  await client.close();
  await workspace.remove();
});

async function createPool(): Promise<protos.google.storagetransfer.v1.IAgentPool> {
  const agentPool = { displayName: 'Inside', bandwidthLimit: { limitMbps: 100 } };
  const [pool] = await client.stock.createAgentPool({ projectId: PROJECT, agentPoolId: 'inside', agentPool });
  return pool;
}

async function createJob(): Promise<string> {
  const transferSpec = {
    posixDataSource: { rootDirectory: route.source },
    posixDataSink: { rootDirectory: route.sink },
    sourceAgentPoolName: POOL,
  };
  const transferJob = { projectId: PROJECT, status: 'ENABLED' as const, transferSpec };
  const [job] = await client.stock.createTransferJob({ transferJob });
  return job.name ?? '';
}

test('a pool’s bandwidth limit holds for its transfers, and a change holds for one that runs', async () => {
  // Copied at once where nothing holds it; at the limit it would take longer than a test waits.
  writeTree(route.source, { seed: 5, smallCount: 0, largeNames: ['large'], largeSizeBytes: 100_000_000 });
  const sidecar = await workspace.start({ flags: [`--agent-pool=${POOL}`] });
  client = new TransferClient(sidecar.grpc);
  const raw = new RawClient(sidecar.grpc);
  const agentPool = { bandwidthLimit: { limitMbps: 1 } };
  await client.stock.createAgentPool({ projectId: PROJECT, agentPoolId: 'inside', agentPool });
  const name = await client.run(await createJob());

  const waited = await raw.call('Operations/WaitOperation', { name, timeout: { seconds: 5 } });
  raw.close();
  await client.stock.updateAgentPool({ agentPool: { name: POOL }, updateMask: { paths: ['bandwidth_limit'] } });
  const { status } = await client.untilDone(name);

  expect(waited['done'] ?? false).toBe(false);
  expect(status).toBe('SUCCESS');
});

test('a transfer of a pool waits, saying why, until a process serves the pool', async () => {
  const sidecar = await workspace.start();
  client = new TransferClient(sidecar.grpc);
  const raw = new RawClient(sidecar.grpc);
  expect(await createPool()).toMatchObject({ name: POOL, state: 'CREATED' });
  const [pools] = await client.stock.listAgentPools({ projectId: PROJECT });
  expect(pools).toHaveLength(1);
  const name = await client.run(await createJob());

  const { status } = await client.get(name);
  const described = await raw.call('OperationControl/DescribeOperation', { name });
  raw.close();
  expect(status).toBe('QUEUED');
  expect(described['queuedReasons']).toMatchObject([
    { kind: 'KIND_NO_WORKER', message: expect.stringContaining(POOL) },
  ]);

  await client.close();
  await workspace.stop();
  client = new TransferClient((await workspace.start({ flags: [`--agent-pool=${POOL}`] })).grpc);

  expect(await client.untilDone(name)).toMatchObject({ status: 'SUCCESS', counters: { objectsCopiedToSink: 10 } });
});
