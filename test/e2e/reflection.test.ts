import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Workspace } from './support/workspace.ts';

const BUF = fileURLToPath(new URL('../../node_modules/.bin/buf', import.meta.url));

const OPERATIONS = 'google.longrunning.Operations';
const TRANSFERS = 'google.storagetransfer.v1.StorageTransferService';

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface SeenOperation {
  readonly name: string;
  readonly done?: boolean;
}

let workspace: Workspace;
let address: string;

beforeAll(async () => {
  workspace = new Workspace();
  address = (await workspace.start()).grpc;
});

afterAll(async () => {
  await workspace.remove();
});

/** buf curl, which is given no .proto: all it knows is from reflection. */
function curl(target: string, ...parameters: readonly string[]): Promise<Outcome> {
  const all = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', `http://${address}${target}`, ...parameters];
  return new Promise((resolve) => {
    const options = { cwd: workspace.root, env: { ...process.env, NODE_OPTIONS: '' } };
    execFile(BUF, all, options, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function call<T>(method: string, request: object): Promise<T> {
  const { status, stdout, stderr } = await curl(`/${method}`, '--data', JSON.stringify(request));
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

/** Creates a job, runs it and waits for its end. */
async function transfer(id: string, source: string): Promise<SeenOperation> {
  const transferSpec = {
    posixDataSource: { rootDirectory: source },
    posixDataSink: { rootDirectory: workspace.path('files', `${id}-sink`) },
  };
  const name = `transferJobs/${id}`;
  const transferJob = { name, projectId: 'demo', status: 'ENABLED', transferSpec };
  await call(`${TRANSFERS}/CreateTransferJob`, { transferJob });
  const operation = await call<SeenOperation>(`${TRANSFERS}/RunTransferJob`, { jobName: name, projectId: 'demo' });
  return call(`${OPERATIONS}/WaitOperation`, { name: operation.name, timeout: '60s' });
}

test('buf curl lists the services and their methods', async () => {
  const services = (await curl('', '--list-services')).stdout.trim().split('\n');
  expect(services).toEqual(expect.arrayContaining([OPERATIONS, TRANSFERS, 'grpc.health.v1.Health']));
  const methods = (await curl('', '--list-methods')).stdout.trim().split('\n');
  expect(methods).toEqual(expect.arrayContaining([`${OPERATIONS}/WaitOperation`, 'grpc.health.v1.Health/Check']));
});

test.each(['grpc-v1', 'grpc-v1alpha'])('buf curl calls by reflection of %s', async (protocol) => {
  const health = await curl('/grpc.health.v1.Health/Check', '--reflect-protocol', protocol, '--data', '{}');
  expect(JSON.parse(health.stdout)).toEqual({ status: 'SERVING' });
});

test('buf curl runs a transfer and shows its metadata and response', async () => {
  const source = workspace.directory('files', 'whole');
  writeFileSync(`${source}/a`, 'content');
  expect(await transfer('whole', source)).toMatchObject({
    done: true,
    metadata: {
      '@type': 'type.googleapis.com/google.storagetransfer.v1.TransferOperation',
      status: 'SUCCESS',
      transferSpec: { posixDataSource: { rootDirectory: source } },
      counters: { objectsCopiedToSink: '1', bytesCopiedToSink: '7' },
    },
    response: { '@type': 'type.googleapis.com/google.protobuf.Empty' },
  });
});

test("buf curl shows why an operation failed, the error's details included", async () => {
  const { name } = await transfer('missing', workspace.path('files', 'missing'));
  expect(await call(`${OPERATIONS}/GetOperation`, { name })).toMatchObject({
    done: true,
    error: {
      code: 5,
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: expect.any(String) }],
    },
  });
});

test('buf curl tells the code of a refused call, and the type of its details', async () => {
  const { stderr } = await curl(`/${OPERATIONS}/GetOperation`, '--data', '{"name": "operations/none"}');
  expect(JSON.parse(stderr)).toMatchObject({ code: 'not_found', details: [{ type: 'google.rpc.ErrorInfo' }] });
});
