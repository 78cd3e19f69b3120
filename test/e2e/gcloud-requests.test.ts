/** What `gcloud transfer` (528.0.0) was seen to send, replayed byte for byte but for names and dates: gcloud itself is not on every machine. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compareTrees, plantTree } from '../support/tree.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

type Json = Readonly<Record<string, unknown>>;

let workspace: Workspace;
let origin: string;

beforeAll(async () => {
  workspace = new Workspace();
  const sidecar = await workspace.start();
  origin = `http://${sidecar.http ?? ''}`;
});

afterAll(() => workspace.remove());

async function call(request: string, body?: Json): Promise<Json> {
  const [method = '', path = ''] = request.split(' ');
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const response = await fetch(origin + path, { method, headers, ...content });
  expect({ path, status: response.status }).toEqual({ path, status: 200 });
  return (await response.json()) as Json;
}

/** `jobs create posix://… posix://…`, today and once. */
function creation(name: string): Json {
  const now = new Date();
  const today = { day: now.getUTCDate(), month: now.getUTCMonth() + 1, year: now.getUTCFullYear() };
  return {
    description: 'first job',
    loggingConfig: { enableOnpremGcsTransferLogs: true },
    name: `transferJobs/${name}`,
    projectId: 'p',
    schedule: { scheduleEndDate: today, scheduleStartDate: today },
    status: 'ENABLED',
    transferSpec: {
      gcsIntermediateDataLocation: { bucketName: 'intermediate', path: 'folder/' },
      posixDataSink: { rootDirectory: join(workspace.files, `${name}-to`) },
      posixDataSource: { rootDirectory: join(workspace.files, `${name}-from`) },
      sinkAgentPoolName: 'projects/p/agentPools/transfer_service_default',
      sourceAgentPoolName: 'projects/p/agentPools/transfer_service_default',
    },
  };
}

test('a job between directories by way of a bucket and the default pool goes straight from one to the other', async () => {
  const source = workspace.directory('files', 'one-from');
  plantTree(source, 1, { fileCount: 10 });
  const job = await call('POST /v1/transferJobs?alt=json', creation('one'));

  const operationName = await until('the job to be started', async () => {
    const { latestOperationName } = await call('GET /v1/transferJobs/one?alt=json&projectId=p');
    return latestOperationName as string | undefined;
  });
  const operation = await until('the operation to be done', async () => {
    const seen = await call(`GET /v1/${operationName}?alt=json`);
    return seen['done'] === true ? seen : undefined;
  });

  const { transferSpec } = creation('one');
  expect(job).toMatchObject({ transferSpec });
  expect(operation['metadata']).toMatchObject({ status: 'SUCCESS', transferSpec });
  const { counters } = operation['metadata'] as { readonly counters: Json };
  expect(Object.keys(counters).filter((name) => name.startsWith('intermediate'))).toEqual([]);
  const sink = join(workspace.files, 'one-to');
  expect(compareTrees(source, sink)).toMatchObject({ equalCount: 10, missing: [], different: [] });
});

test('an update sends back the whole job, and keeps its bucket on the way', async () => {
  workspace.directory('files', 'two-from');
  await call('POST /v1/transferJobs?alt=json', { ...creation('two'), status: 'DISABLED' });
  const { projectId, ...job } = await call('GET /v1/transferJobs/two?alt=json&projectId=p');

  const updated = await call('PATCH /v1/transferJobs/two?alt=json', {
    projectId,
    transferJob: { ...job, description: 'changed' },
    updateTransferJobFieldMask: 'description,logging_config,notification_config,status,schedule,transfer_spec',
  });

  expect(updated).toMatchObject({ description: 'changed', transferSpec: creation('two')['transferSpec'] });
});
