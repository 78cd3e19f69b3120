/** Scheduled jobs as clients see them: nobody calls RunTransferJob. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { compareTrees } from '../support/tree.ts';
import { PROJECT, TransferClient, type Route } from './support/transfer-client.ts';
import { writeTree } from './support/tree.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

let workspace: Workspace;
let client: TransferClient;
let route: Route;

beforeEach(async () => {
  workspace = new Workspace();
  route = { source: join(workspace.files, 'from'), sink: join(workspace.files, 'to') };
  writeTree(route.source, { seed: 5, smallCount: 10, largeNames: [], largeSizeBytes: 0 });
  client = new TransferClient((await workspace.start()).grpc);
});

afterEach(async () => {
  await client.close();
  await workspace.remove();
});

/** What plain `gcloud transfer jobs create` sends: today, once. */
async function createJob(status: 'ENABLED' | 'DISABLED'): Promise<string> {
  const now = new Date();
  const today = { year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() };
  const transferSpec = {
    posixDataSource: { rootDirectory: route.source },
    posixDataSink: { rootDirectory: route.sink },
  };
  const schedule = { scheduleStartDate: today, scheduleEndDate: today };
  const [job] = await client.stock.createTransferJob({
    transferJob: { projectId: PROJECT, status, transferSpec, schedule },
  });
  expect(job.schedule).toMatchObject(schedule);
  return job.name ?? '';
}

/** The operation that the schedule started. */
function startedBy(jobName: string): Promise<string> {
  return until(`${jobName} to be started`, async () => {
    const { latestOperationName } = await client.job(jobName);
    return latestOperationName === '' || latestOperationName === null ? undefined : latestOperationName;
  });
}

test('a job that gcloud creates runs by itself', async () => {
  const jobName = await createJob('ENABLED');

  const { status } = await client.untilDone(await startedBy(jobName));

  expect(status).toBe('SUCCESS');
  expect(compareTrees(route.source, route.sink)).toMatchObject({ equalCount: 10, missing: [], different: [] });
});

test('a job whose directories are no longer allowed has a failed operation that says so', async () => {
  const jobName = await createJob('DISABLED');
  await client.close();
  await workspace.stop();
  const elsewhere = workspace.directory('elsewhere');
  const flags = [`--database=sqlite:${workspace.database}`, `--posix-root=${elsewhere}`];
  client = new TransferClient((await workspace.startWith(flags)).grpc);
  await client.stock.updateTransferJob({
    jobName,
    projectId: PROJECT,
    transferJob: { status: 'ENABLED' },
    updateTransferJobFieldMask: { paths: ['status'] },
  });

  const { status, operation } = await client.untilDone(await startedBy(jobName));

  expect(status).toBe('FAILED');
  expect(operation.error).toMatchObject({ code: 7, message: expect.stringContaining('--posix-root') });
});
