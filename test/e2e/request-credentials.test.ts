/**
 * Credentials that come in requests, in real sidecars: they are used, and stand nowhere in the clear, whatever is asked and whatever fails.
 */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runCommandProcess } from '../support/command-process.ts';
import { FAKE_ACCOUNT, FakeAzure } from '../support/fake-azure/fake-azure.ts';
import { md5Of } from '../support/fake-s3/fake-bucket.ts';
import { FAKE_BUCKET, FAKE_CREDENTIALS, startFakeS3, type FakeS3 } from '../support/fake-s3/fake-s3.ts';
import type { SidecarProcess } from '../support/sidecar-process.ts';
import { plantTree } from '../support/tree.ts';
import { RawClient, refusalOf, type Message, type Rpc } from './support/raw-client.ts';
import { PROJECT, TransferClient, type SeenOperation } from './support/transfer-client.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

const FILE_COUNT = 40;
const KEY = { accessKeyId: FAKE_CREDENTIALS.accessKeyId, secretAccessKey: FAKE_CREDENTIALS.secretAccessKey };
const WRONG_KEY = { accessKeyId: 'AKREFUSEDEVERYWHERE', secretAccessKey: 'a/secret+that/opens+nothing' };
const SAS = 'sv=2021-12-02&sig=good&se=not-to-be-told-either';
const SECRETS = [...Object.values(KEY), ...Object.values(WRONG_KEY), 'not-to-be-told-either'];

let workspace: Workspace;
let s3: FakeS3;
let azure: FakeAzure;
let sidecar: SidecarProcess;
let client: TransferClient;
let raw: RawClient;
/** Every byte that any client was sent. */
let answers: Buffer[];

beforeEach(async () => {
  workspace = new Workspace();
  [s3, azure] = await Promise.all([startFakeS3(), FakeAzure.start()]);
  azure.pageCountMax = 100;
  answers = [];
  plantTree(join(workspace.files, 'from'), 3, { fileCount: FILE_COUNT, sizeBytesMax: 20_000, hasOddNames: false });
  seed();
});
afterEach(async () => {
  await client.close();
  raw.close();
  await workspace.remove();
  await Promise.all([s3.close(), azure.close()]);
});

/** What the fakes hold is what stands in the directory. */
function seed(): void {
  const root = join(workspace.files, 'from');
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const [key, bytes] = [path.slice(root.length + 1), readFileSync(path)];
    const byName = Buffer.from(key).toString('latin1');
    s3.bucket.objects.set(byName, { key: byName, bytes, etag: md5Of(bytes), modifyTimeMs: Date.now(), headers: {} });
    const modifyTime = new Date().toUTCString();
    azure.blobs.set(key, { bytes, etag: `0x${String(azure.blobs.size)}`, blockIds: [], headers: {}, modifyTime });
  }
}

/** Names and bytes of all files below, in order. */
function contentsOf(name: string): Buffer {
  const root = join(workspace.files, name);
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();
  const files = names.filter((each) => statSync(join(root, each)).isFile());
  return Buffer.concat(files.flatMap((each) => [Buffer.from(each), readFileSync(join(root, each))]));
}

/** The operator's own credentials open nothing here: what is read is read with those of requests. */
async function start(limits: object = {}): Promise<void> {
  const text = (name: string): { file: string } => {
    writeFileSync(workspace.path(name), 'operators');
    return { file: workspace.path(name) };
  };
  const buckets = {
    photos: {
      kind: 's3',
      bucket: FAKE_BUCKET,
      endpoint: s3.endpoint,
      region: 'test-1',
      'access-key-id': text('id'),
      'secret-access-key': text('key'),
    },
    'acct/*': {
      kind: 'azure',
      account: FAKE_ACCOUNT.account,
      container: azure.container,
      endpoint: azure.endpoint,
      'account-key': text('account-key'),
    },
  };
  const topics = [{ topic: 'projects/demo/topics/*', file: workspace.path('told.ndjson') }];
  writeFileSync(workspace.path('config.yaml'), JSON.stringify({ buckets, topics, limits: { transfers: limits } }));
  sidecar = await workspace.start({ flags: [`--config=${workspace.path('config.yaml')}`] });
  client = new TransferClient(sidecar.grpc);
  raw = new RawClient(sidecar.grpc);
}

async function end(how: 'kill' | 'stop'): Promise<void> {
  await client.close();
  raw.close();
  await sidecar[how]();
}

const fromS3 = (awsAccessKey?: object): Message => {
  return { awsS3DataSource: { bucketName: 'photos', ...(awsAccessKey === undefined ? {} : { awsAccessKey }) } };
};
const fromAzure = (sasToken: string): Message => {
  const place = { storageAccount: FAKE_ACCOUNT.account, container: 'photos' };
  return { azureBlobStorageDataSource: { ...place, azureCredentials: { sasToken } } };
};

const specOf = (source: Message, to: string): Message => {
  return { ...source, posixDataSink: { rootDirectory: join(workspace.files, to) } };
};

function jobOf(name: string, source: Message): Message {
  return {
    name: `transferJobs/${name}`,
    projectId: PROJECT,
    status: 'ENABLED',
    transferSpec: specOf(source, name),
    notificationConfig: { pubsubTopic: 'projects/demo/topics/t', payloadFormat: 'JSON' },
    loggingConfig: { logActions: ['FIND', 'COPY'], logActionStates: ['SUCCEEDED', 'FAILED'] },
  };
}

/** A call whose answer is kept, a refusal too. */
async function ask(rpc: Rpc, request: Message): Promise<Buffer> {
  const bytes = await raw.bytes(rpc, request).catch((error: unknown) => {
    answers.push(Buffer.from(JSON.stringify(refusalOf(error as Parameters<typeof refusalOf>[0]))));
    throw error;
  });
  answers.push(bytes);
  return bytes;
}

const create = (name: string, source: Message): Promise<Buffer> =>
  ask('StorageTransferService/CreateTransferJob', { transferJob: jobOf(name, source) });
const update = (name: string, transferJob: Message, paths: readonly string[]): Promise<Buffer> =>
  ask('StorageTransferService/UpdateTransferJob', {
    jobName: `transferJobs/${name}`,
    projectId: PROJECT,
    transferJob,
    updateTransferJobFieldMask: { paths },
  });

async function run(name: string): Promise<SeenOperation> {
  return client.untilDone(await client.run(`transferJobs/${name}`));
}

async function askEverything(job: string, operation: string): Promise<void> {
  const filter = JSON.stringify({ projectId: PROJECT });
  await ask('StorageTransferService/GetTransferJob', { jobName: job, projectId: PROJECT });
  await ask('StorageTransferService/ListTransferJobs', { filter });
  await ask('Operations/GetOperation', { name: operation });
  await ask('Operations/ListOperations', { name: 'transferOperations', filter });
  await ask('Operations/WaitOperation', { name: operation });
  await ask('OperationControl/DescribeOperation', { name: operation });
  const commands = [
    ['jobs', 'get', job],
    ['jobs', 'list'],
    ['operations', 'describe', operation],
    ['operations', 'get', operation],
  ];
  for (const command of commands) {
    const options = ['--json', `--address=${sidecar.grpc}`];
    const project = command[0] === 'jobs' ? [`--project=${PROJECT}`] : [];
    const outcome = await runCommandProcess([...command, ...options, ...project]);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    answers.push(Buffer.from(outcome.stdout));
  }
}

/** Each secret in the forms that a text or a message may have it in. */
const FORMS = SECRETS.flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64').slice(0, -4),
  Buffer.from(secret).toString('hex'),
]).filter((form) => form.length >= 6);

function secretsIn(what: string, bytes: Buffer): readonly string[] {
  return FORMS.filter((form) => bytes.includes(form)).map((form) => `${what}: ${form}`);
}

/** Database, WAL, logs of activities, notifications: every file that the sidecar wrote. */
function secretsInFiles(): readonly string[] {
  const entries = readdirSync(workspace.root, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return entries.flatMap(({ parentPath, name }) => secretsIn(name, readFileSync(join(parentPath, name))));
}

test('credentials of requests are used, and stand in no answer, file or log', async () => {
  await start();
  await create('s3', fromS3(KEY));
  await create('azure', fromAzure(SAS));
  await create('refused', fromS3(WRONG_KEY));
  await update('s3', { description: 'other' }, ['description']);
  await expect(create('half', fromS3({ secretAccessKey: WRONG_KEY.secretAccessKey }))).rejects.toThrow('access_key_id');
  await expect(create('none', fromAzure('not-to-be-told-either'))).rejects.toThrow('sas_token');

  const copied = { status: 'SUCCESS', counters: { objectsCopiedToSink: FILE_COUNT } };
  const seen = [await run('s3'), await run('azure'), await run('refused')];
  expect(seen).toMatchObject([copied, copied, { status: 'FAILED' }]);
  for (const sink of ['s3', 'azure']) expect(contentsOf(sink).equals(contentsOf('from'))).toBe(true);
  for (const [index, job] of ['s3', 'azure', 'refused'].entries())
    await askEverything(`transferJobs/${job}`, seen[index]?.operation.name ?? '');
  await until('the notifications', () =>
    Promise.resolve(readFileSync(workspace.path('told.ndjson'), 'utf8').split('\n').length > 3),
  );
  await end('kill');

  expect(answers.flatMap((bytes) => secretsIn('an answer', bytes))).toEqual([]);
  expect(secretsInFiles()).toEqual([]);
  expect(secretsIn('the log', Buffer.from(JSON.stringify(sidecar.log) + sidecar.stderr))).toEqual([]);
  // The scan saw what it is about.
  expect(readdirSync(workspace.root)).toEqual(
    expect.arrayContaining(['longrunning.db-wal', 'activity', 'told.ndjson']),
  );
  expect(seen[2]?.operation.error?.message).toContain('credentials');
  expect(statSync(workspace.path('longrunning.db.credentials-key')).mode & 0o777).toBe(0o600);
});

test('a job that is sent back as it was read keeps them, over a kill in the middle of its run', async () => {
  await start({ bytesPerSecondMax: 100_000 });
  await create('s3', fromS3(KEY));
  await update('s3', { ...jobOf('s3', fromS3()), description: 'sent back' }, ['description', 'transfer_spec']);
  const name = await client.run('transferJobs/s3');
  await until('an object', async () => (await client.get(name)).counters['objectsCopiedToSink'] ?? 0);
  await end('kill');
  await start();
  expect(await client.untilDone(name)).toMatchObject({
    status: 'SUCCESS',
    counters: { objectsCopiedToSink: FILE_COUNT },
  });
});

test('without the key that sealed them a run is refused by the name of its file, until they are given anew', async () => {
  await start();
  await create('s3', fromS3(KEY));
  await end('stop');
  rmSync(workspace.path('longrunning.db.credentials-key'));
  await start();

  const refusal = await raw.refusal('StorageTransferService/RunTransferJob', {
    jobName: 'transferJobs/s3',
    projectId: PROJECT,
  });
  expect(refusal).toMatchObject({
    code: 9,
    reason: 'CREDENTIALS_KEY_LOST',
    metadata: { file: 'longrunning.db.credentials-key' },
  });
  expect(refusal.message).toContain('restore that file from a backup');
  await update('s3', { status: 'DISABLED' }, ['status']);
  await update('s3', { transferSpec: specOf(fromS3(KEY), 's3') }, ['transfer_spec']);
  expect(await run('s3')).toMatchObject({ status: 'SUCCESS' });
});

test('a run that is resumed without the key fails, and says by the name of its file what to do', async () => {
  await start({ bytesPerSecondMax: 50_000 });
  await create('s3', fromS3(KEY));
  const name = await client.run('transferJobs/s3');
  await client.untilStatus(name, 'IN_PROGRESS');
  await client.pause(name);
  await client.untilStatus(name, 'PAUSED');
  writeFileSync(workspace.path('longrunning.db.credentials-key'), `${'A'.repeat(43)}\n`);
  await client.resume(name);
  const { operation, status } = await client.untilDone(name);
  expect(status).toBe('FAILED');
  expect(operation.error).toMatchObject({ code: 9 });
  expect(operation.error?.message).toMatch(
    /^transferOperations\/.*the key file longrunning.db.credentials-key .*give the/,
  );
});

test('what nothing is bound to is the service itself, which the operator has to allow', async () => {
  await start();
  const key = { bucketName: 'unbound', awsAccessKey: KEY };
  await expect(create('aws', { awsS3DataSource: key })).rejects.toThrow('s3.amazonaws.com is not among the hosts');
  const container = { storageAccount: 'other', container: 'photos', azureCredentials: { sasToken: SAS } };
  await expect(create('other', { azureBlobStorageDataSource: container })).rejects.toThrow(
    'other.blob.core.windows.net is not among the hosts',
  );
  expect(readdirSync(workspace.root)).not.toContain('longrunning.db.credentials-key');
});
