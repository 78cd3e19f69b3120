/** The bound of a project's transfers in progress, with the public client. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RawClient } from './support/raw-client.ts';
import { PROJECT, TransferClient } from './support/transfer-client.ts';
import { writeTree } from './support/tree.ts';
import { Workspace } from './support/workspace.ts';

let workspace: Workspace;
let client: TransferClient;
let raw: RawClient;

beforeEach(async () => {
  workspace = new Workspace();
  const limits = {
    // More work than any test waits for.
    transfers: { objectsPerSecondMax: 5, groupObjectCountMax: 16 },
    transferWorker: { projectOperationCountMax: 1 },
  };
  const sidecar = await workspace.start({ limits });
  client = new TransferClient(sidecar.grpc);
  raw = new RawClient(sidecar.grpc);
});

afterEach(async () => {
  raw.close();
  await client.close();
  await workspace.remove();
});

/** Runs a new job. @returns its operation's name. */
async function transfer(to: string, projectId = PROJECT): Promise<string> {
  const from = join(workspace.files, to, 'from');
  writeTree(from, { seed: 5, smallCount: 200, largeNames: [], largeSizeBytes: 0 });
  const transferSpec = {
    posixDataSource: { rootDirectory: from },
    posixDataSink: { rootDirectory: join(workspace.files, to, 'to') },
  };
  const [job] = await client.stock.createTransferJob({ transferJob: { projectId, status: 'ENABLED', transferSpec } });
  const [operation] = await client.stock.runTransferJob({ jobName: job.name ?? '', projectId });
  return operation.name ?? '';
}

// TransferOperation.Status.QUEUED: "Temporarily delayed by the system. No user action is required."
test('what is beyond the bound is QUEUED and says why, others’ projects go on, and a cancel ends it at once', async () => {
  const first = await transfer('first');
  await client.untilStatus(first, 'IN_PROGRESS');
  const second = await transfer('second');
  const third = await transfer('third');
  await client.untilStatus(await transfer('foreign', 'other'), 'IN_PROGRESS');

  const { queuedReasons } = await raw.call('OperationControl/DescribeOperation', { name: second });
  expect(queuedReasons).toMatchObject([{ kind: 'KIND_SHARE_TAKEN' }]);
  expect(await client.get(second)).toMatchObject({ status: 'QUEUED' });
  await client.cancel(second);
  expect(await client.get(second)).toMatchObject({ status: 'ABORTED', operation: { done: true } });

  await client.cancel(first);
  expect(await client.untilStatus(third, 'IN_PROGRESS')).toMatchObject({ status: 'IN_PROGRESS' });
});
