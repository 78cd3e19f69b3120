/** Notifications of transfers, from a config file to a file of JSON lines, across a restart. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { SidecarProcess } from '../support/sidecar-process.ts';
import { PROJECT, TransferClient, type Route } from './support/transfer-client.ts';
import { writeTree } from './support/tree.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

let workspace: Workspace;
let client: TransferClient;
let sidecar: SidecarProcess;
let route: Route;
let log: string;

beforeEach(async () => {
  workspace = new Workspace();
  route = { source: join(workspace.files, 'from'), sink: join(workspace.files, 'to') };
  writeTree(route.source, { seed: 5, smallCount: 10, largeNames: [], largeSizeBytes: 0 });
  log = workspace.path('notifications', 'topic.ndjson');
  const config = workspace.path('topics.yaml');
  const notifications = { recheckMs: 500, leaseMs: 1000, deliveryTimeoutMs: 500, backoff: { maxMs: 500 } };
  const limits = { notifications, transferJobs: { notificationCheckMs: 500 } };
  writeFileSync(config, JSON.stringify({ topics: [{ topic: 'projects/demo/topics/*', file: log }], limits }));
  sidecar = await workspace.start({ flags: [`--config=${config}`] });
  client = new TransferClient(sidecar.grpc);
});

afterEach(async () => {
  await client.close();
  await workspace.remove();
});

async function transfer(): Promise<string> {
  const transferSpec = {
    posixDataSource: { rootDirectory: route.source },
    posixDataSink: { rootDirectory: route.sink },
  };
  const notificationConfig = { pubsubTopic: 'projects/demo/topics/t', payloadFormat: 'JSON' as const };
  const transferJob = { projectId: PROJECT, status: 'ENABLED' as const, transferSpec, notificationConfig };
  const [job] = await client.stock.createTransferJob({ transferJob });
  return client.run(job.name ?? '');
}

test('a notification that was not accepted is delivered after a kill and a restart', async () => {
  // Its directory is missing, so that nothing can be written yet.
  const name = await transfer();
  await client.untilDone(name);
  await client.close();
  await sidecar.kill();
  workspace.directory('notifications');
  sidecar = await workspace.start({ flags: [`--config=${workspace.path('topics.yaml')}`] });
  client = new TransferClient(sidecar.grpc);

  const line = await until('the notification', () => existsSync(log) && /^(.+)\n/.exec(readFileSync(log, 'utf8'))?.[1]);

  const { message } = JSON.parse(line) as { message: { data: string; attributes: object } };
  expect(message.attributes).toMatchObject({ eventType: 'TRANSFER_OPERATION_SUCCESS', transferOperationName: name });
  expect(JSON.parse(Buffer.from(message.data, 'base64').toString())).toMatchObject({
    name,
    status: 'SUCCESS',
    counters: { objectsCopiedToSink: '10' },
  });
});
