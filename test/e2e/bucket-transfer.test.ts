/**
 * Real sidecars, stock clients and buckets: fakes of all services in this process, bound by the config file.
 */
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { STAGING_PREFIX } from '../../src/transfers/staging-name.ts';
import { FAKE_ACCOUNT, FakeAzure } from '../support/fake-azure/fake-azure.ts';
import { FakeGcs } from '../support/fake-gcs/fake-gcs.ts';
import { FAKE_BUCKET, FAKE_CREDENTIALS, startFakeS3, type FakeS3 } from '../support/fake-s3/fake-s3.ts';
import type { SidecarProcess } from '../support/sidecar-process.ts';
import { compareTrees, plantFile, plantTree, randomOf } from '../support/tree.ts';
import { RawClient } from './support/raw-client.ts';
import { PROJECT, TransferClient, type SeenOperation } from './support/transfer-client.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

const MIB = 1024 * 1024;

let workspace: Workspace;
let gcs: FakeGcs;
let s3: FakeS3;
let azure: FakeAzure;
let sidecar: SidecarProcess;
let client: TransferClient;

beforeEach(async () => {
  workspace = new Workspace();
  [gcs, s3, azure] = await Promise.all([FakeGcs.start(), startFakeS3(), FakeAzure.start()]);
  azure.pageCountMax = 100;
  gcs.createBucket('at-google');
});
afterEach(async () => {
  await client.close();
  await workspace.remove();
  await Promise.all([gcs.close(), s3.close(), azure.close()]);
});

/** The same database, the same buckets. */
async function start(limits: object = {}, flags: readonly string[] = []): Promise<void> {
  const secret = (name: string, text: string): { file: string } => {
    writeFileSync(workspace.path(name), `${text}\n`, { mode: 0o600 });
    return { file: workspace.path(name) };
  };
  const key = (name: string): object => {
    return {
      kind: 's3',
      insecure: true,
      'access-key-id': secret(`${name}-id`, FAKE_CREDENTIALS.accessKeyId),
      'secret-access-key': secret(`${name}-key`, FAKE_CREDENTIALS.secretAccessKey),
      'session-token': secret(`${name}-token`, FAKE_CREDENTIALS.sessionToken),
    };
  };
  const buckets = {
    'bound-gcs': {
      kind: 'gcs',
      bucket: 'at-google',
      prefix: 'below/',
      endpoint: gcs.server.origin,
      credentials: 'none',
    },
    'bound-s3': {
      kind: 's3',
      bucket: FAKE_BUCKET,
      endpoint: s3.endpoint,
      region: 'test-1',
      'access-key-id': secret('id', FAKE_CREDENTIALS.accessKeyId),
      'secret-access-key': secret('key', FAKE_CREDENTIALS.secretAccessKey),
      'session-token': secret('token', FAKE_CREDENTIALS.sessionToken),
    },
    'bound-azure': {
      kind: 'azure',
      account: FAKE_ACCOUNT.account,
      container: azure.container,
      prefix: 'below/',
      endpoint: azure.endpoint,
      'account-key': secret('account-key', FAKE_ACCOUNT.key),
    },
    [`${FAKE_ACCOUNT.account}/*`]: {
      kind: 'azure',
      container: azure.container,
      endpoint: azure.endpoint,
      'sas-token': secret('sas', '?sv=2021-12-02&sig=good'),
    },
    [`${new URL(s3.endpoint).host}/*`]: key('named'),
    [`localhost:${new URL(s3.endpoint).port}/*`]: key('refused'),
    'bound-directory': { kind: 'directory', path: workspace.directory('files', 'bound') },
  };
  const egress = { 'allowed-hosts': [{ host: '127.0.0.1', private: true }] };
  writeFileSync(workspace.path('config.yaml'), JSON.stringify({ buckets, egress, limits: { transfers: limits } }));
  sidecar = await workspace.start({ flags: [`--config=${workspace.path('config.yaml')}`, ...flags] });
  client = new TransferClient(sidecar.grpc);
}

async function begin(transferSpec: object, settings: object = {}): Promise<string> {
  const transferJob = { projectId: PROJECT, status: 'ENABLED' as const, transferSpec, ...settings };
  const [job] = await client.stock.createTransferJob({ transferJob });
  return client.run(job.name ?? '');
}

const up = (source: string, bucketName: string, path = ''): object => {
  return { posixDataSource: { rootDirectory: source }, gcsDataSink: { bucketName, path } };
};
const down = (bucketName: string, sink: string, path = ''): object => {
  return { gcsDataSource: { bucketName, path }, posixDataSink: { rootDirectory: sink } };
};

async function transfer(spec: object, settings: object = {}): Promise<SeenOperation> {
  return client.untilDone(await begin(spec, settings));
}

// "Only applicable to transfers involving POSIX file systems": from one, into one, and not in between.
test.each(['bound-gcs', 'bound-s3', 'bound-azure'])(
  'files keep mode, user and group, and links are kept, on the way through %s',
  async (name) => {
    await start();
    const source = workspace.directory('files', 'from');
    const sink = workspace.path('files', 'back');
    mkdirSync(`${source}/d`, { recursive: true });
    symlinkSync('../program', `${source}/d/link`);
    plantFile(source, 'program', { sizeBytes: 10 });
    plantFile(source, 'd/private', { sizeBytes: 9 * MIB });
    chmodSync(`${source}/program`, 0o750);
    chmodSync(`${source}/d/private`, 0o600);
    if (process.getuid?.() === 0) chownSync(`${source}/program`, 4321, 1234);
    const owner = { uid: 'UID_NUMBER', gid: 'GID_NUMBER' };
    const transferOptions = { metadataOptions: { mode: 'MODE_PRESERVE', symlink: 'SYMLINK_PRESERVE', ...owner } };

    for (const route of [up(source, name), down(name, sink)]) {
      expect(await transfer({ ...route, transferOptions })).toMatchObject({ status: 'SUCCESS' });
    }
    expect(readlinkSync(`${sink}/d/link`)).toBe('../program');
    for (const path of ['program', 'd/private']) {
      const { mode, uid, gid, mtimeMs } = statSync(`${source}/${path}`);
      expect(statSync(`${sink}/${path}`)).toMatchObject({ mode, uid, gid, mtimeMs });
    }
  },
);

test('a list of URLs is copied into a bucket, from hosts that the operator allows', async () => {
  await start();
  const body = (path: string): string => `content of ${path}`;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/robots.txt') return response.writeHead(404).end();
    const lines = ['/a', '/d/b'].map((each) => `http://${request.headers.host ?? ''}${each}\t${body(each).length}`);
    const text = path === '/list.tsv' ? ['TsvHttpData-1.0', ...lines, ''].join('\n') : body(path);
    return response.writeHead(200, { 'content-length': text.length, etag: `"${path}"` }).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const list = (host: string): object => {
      return {
        httpDataSource: { listUrl: `http://${host}:${port}/list.tsv` },
        gcsDataSink: { bucketName: 'bound-s3' },
      };
    };
    await expect(begin(list('localhost'))).rejects.toThrow('PERMISSION_DENIED');
    const loggingConfig = { logActions: ['FIND', 'COPY'], logActionStates: ['SUCCEEDED'] };
    const seen = await transfer(list('127.0.0.1'), { loggingConfig });
    expect(seen).toMatchObject({ status: 'SUCCESS', counters: { objectsCopiedToSink: 2 } });
    expect(logOf(seen)).toContain(`"httpFile":{"url":"http://127.0.0.1/a"`);
    expect([...s3.bucket.objects.keys()].toSorted()).toEqual(['127.0.0.1/a', '127.0.0.1/d/b']);
  } finally {
    server.close();
  }
});

/** What the activity log says of an operation. */
function logOf({ operation }: SeenOperation): string {
  const name = (operation.name ?? '').replace('transferOperations/', '');
  const directory = workspace.path('activity', PROJECT);
  const file = readdirSync(directory).find((each) => each.includes(name)) ?? '';
  return readFileSync(join(directory, file), 'utf8');
}

const FILE_COUNT = 150;

function plant(source: string, largeBytes = 20 * MIB): void {
  plantTree(source, 1, { fileCount: FILE_COUNT, sizeBytesMax: 30_000, hasOddNames: false });
  plantFile(source, 'a-large', { sizeBytes: largeBytes, seed: 7 });
}

test('the bandwidth limit of an agent pool holds for what goes to a bucket, until it is taken away', async () => {
  const pool = `projects/${PROJECT}/agentPools/inside`;
  const source = workspace.directory('files', 'from');
  plant(source, 50 * MIB);
  await start({}, [`--agent-pool=${pool}`]);
  const agentPool = { bandwidthLimit: { limitMbps: 1 } };
  await client.stock.createAgentPool({ projectId: PROJECT, agentPoolId: 'inside', agentPool });
  const name = await begin({ ...up(source, 'bound-gcs'), sourceAgentPoolName: pool });

  const raw = new RawClient(sidecar.grpc);
  const waited = await raw.call('Operations/WaitOperation', { name, timeout: { seconds: 5 } });
  raw.close();
  await client.stock.updateAgentPool({ agentPool: { name: pool }, updateMask: { paths: ['bandwidth_limit'] } });

  expect(waited['done'] ?? false).toBe(false);
  expect(await client.untilDone(name)).toMatchObject({ status: 'SUCCESS' });
});

describe.each(['bound-gcs', 'bound-s3', 'bound-azure'])('a tree', (bucket) => {
  test(`goes to ${bucket} and back, times and all, and nothing goes twice`, async () => {
    await start();
    const [from, to] = [join(workspace.files, 'from'), join(workspace.files, 'to')];
    plant(from);
    const all = { objectsCopiedToSink: FILE_COUNT + 1, objectsFoundFromSource: FILE_COUNT + 1 };
    expect(await transfer(up(from, bucket, 'p/'))).toMatchObject({ status: 'SUCCESS', counters: all });
    expect(await transfer(up(from, bucket, 'p/'))).toMatchObject({
      counters: { objectsCopiedToSink: 0, objectsFromSourceSkippedBySync: FILE_COUNT + 1 },
    });
    expect(await transfer(down(bucket, to, 'p/'))).toMatchObject({ status: 'SUCCESS', counters: all });
    expect(compareTrees(from, to)).toMatchObject({
      equalCount: FILE_COUNT + 1,
      missing: [],
      extra: [],
      different: [],
      leftovers: [],
    });
    expect(await transfer(down(bucket, to, 'p/'))).toMatchObject({
      counters: { objectsCopiedToSink: 0, objectsFromSourceSkippedBySync: FILE_COUNT + 1 },
    });
  });
});

test('a bucket goes to another service, and one bound to a directory is that directory', async () => {
  await start();
  const from = join(workspace.files, 'from');
  plant(from);
  await transfer(up(from, 'bound-s3'));
  const between = { awsS3DataSource: { bucketName: 'bound-s3' }, gcsDataSink: { bucketName: 'bound-gcs' } };
  expect(await transfer(between)).toMatchObject({
    status: 'SUCCESS',
    counters: { objectsCopiedToSink: FILE_COUNT + 1 },
  });
  const home = {
    gcsDataSource: { bucketName: 'bound-gcs' },
    gcsDataSink: { bucketName: 'bound-directory', path: 'x/' },
  };
  expect(await transfer(home)).toMatchObject({ status: 'SUCCESS' });
  expect(compareTrees(from, join(workspace.files, 'bound', 'x'))).toMatchObject({
    equalCount: FILE_COUNT + 1,
    different: [],
  });
});

test('a container of Azure is a source by its account and name, with what the operator bound to them', async () => {
  await start();
  const [from, to] = [join(workspace.files, 'from'), join(workspace.files, 'to')];
  plant(from);
  await transfer(up(from, 'bound-azure', 'p/'));
  const source = (storageAccount: string): object => {
    const azureBlobStorageDataSource = { storageAccount, container: 'photos', path: 'below/p/' };
    return { azureBlobStorageDataSource, posixDataSink: { rootDirectory: to } };
  };
  await expect(begin(source('other'))).rejects.toThrow('PERMISSION_DENIED');
  expect(await transfer(source(FAKE_ACCOUNT.account))).toMatchObject({
    status: 'SUCCESS',
    counters: { objectsCopiedToSink: FILE_COUNT + 1 },
  });
  expect(compareTrees(from, to)).toMatchObject({ equalCount: FILE_COUNT + 1, missing: [], extra: [], different: [] });
});

test.each(['LIST_OBJECTS_V2', 'LIST_OBJECTS'])(
  'an endpoint that the caller names is a source, by %s',
  async (listApi) => {
    await start();
    const [from, to] = [join(workspace.files, 'from'), join(workspace.files, 'to')];
    plant(from);
    await transfer(up(from, 'bound-s3', 'p/'));
    const { host, port } = new URL(s3.endpoint);
    const source = (endpoint: string): object => {
      const s3Metadata = { requestModel: 'REQUEST_MODEL_PATH_STYLE', protocol: 'NETWORK_PROTOCOL_HTTP', listApi };
      const awsS3CompatibleDataSource = { bucketName: FAKE_BUCKET, path: 'p/', endpoint, region: 'any-1', s3Metadata };
      return { awsS3CompatibleDataSource, posixDataSink: { rootDirectory: to } };
    };
    await expect(begin(source('s3.example.com'))).rejects.toThrow('nothing is bound to s3.example.com/bucket');
    await expect(begin(source(`localhost:${port}`))).rejects.toThrow('localhost is not among the hosts');
    expect(await transfer(source(host))).toMatchObject({
      status: 'SUCCESS',
      counters: { objectsCopiedToSink: FILE_COUNT + 1 },
    });
    expect(compareTrees(from, to)).toMatchObject({ equalCount: FILE_COUNT + 1, missing: [], extra: [], different: [] });
    expect(s3.requests.some((each) => /^GET [^?]*[?](?!.*list-type).*max-keys/.test(each))).toBe(
      listApi === 'LIST_OBJECTS',
    );
  },
);

test('names that are no UTF-8 fail one by one, everything else is copied', async () => {
  await start();
  const from = join(workspace.files, 'from');
  mkdirSync(from);
  plantFile(from, 'good', { sizeBytes: 5 });
  plantFile(from, 'bad-\xff', { sizeBytes: 5 });
  const seen = await transfer(up(from, 'bound-gcs'));
  expect(seen).toMatchObject({
    status: 'FAILED',
    counters: { objectsCopiedToSink: 1, objectsFromSourceFailed: 1 },
    errorBreakdowns: [{ errorCode: 'INVALID_ARGUMENT' }],
  });
});

test.each([
  ['nothing is bound to', up('/', 'nobody'), 'PERMISSION_DENIED'],
  ['path does not end as it must', up('/', 'bound-gcs', 'p'), 'INVALID_ARGUMENT'],
  [
    'is the source, too',
    { gcsDataSource: { bucketName: 'bound-gcs' }, gcsDataSink: { bucketName: 'bound-gcs', path: 'p/' } },
    'INVALID_ARGUMENT',
  ],
])('a job for a bucket that %s is refused', async (_, spec, code) => {
  await start();
  const named = 'posixDataSource' in spec ? { ...spec, posixDataSource: { rootDirectory: workspace.files } } : spec;
  await expect(begin(named)).rejects.toThrow(code);
});

test('a cancel leaves no upload, and counters that say what the bucket holds', async () => {
  // So slow that the cancel comes long before its end.
  await start({ requestsInFlightMax: 2, bytesPerSecondMax: 4 * MIB });
  const from = join(workspace.files, 'from');
  plant(from, 60 * MIB);
  const name = await begin(up(from, 'bound-s3'));
  await until('an upload', () => Promise.resolve(s3.bucket.uploads.size > 0 && s3.bucket.objects.size > 5));
  await client.cancel(name);
  const seen = await client.untilDone(name);
  expect(seen.operation.error?.code).toBe(1);
  expect(seen.counters['objectsCopiedToSink']).toBe(s3.bucket.objects.size);
  expect(s3.bucket.uploads.size).toBe(0);
});

test('kill -9 at random instants leaves whole objects, exact counters and no upload', async () => {
  const from = join(workspace.files, 'from');
  plant(from, 60 * MIB);
  const random = randomOf(5);
  const limits = { requestsInFlightMax: 2, sliceSizeBytes: 16 * MIB, groupObjectCountMax: 16 };
  const copiedCount = (): number => [...s3.bucket.objects.keys()].filter((key) => !key.includes(STAGING_PREFIX)).length;
  let name = '';
  let cutShortCount = 0;
  for (let life = 0; life < 4; life += 1) {
    await start(limits);
    if (name === '') name = await begin(up(from, 'bound-s3'));
    // The first dies while it finds out what the server can: its small uploads are the janitor's.
    const aim = Math.floor(((life - 1 + random()) * FILE_COUNT) / 4);
    if (life === 0) await until('a probe', () => s3.bucket.uploads.size > 1);
    else await until('some copies', () => copiedCount() >= aim);
    await sidecar.kill();
    await client.close();
    if (copiedCount() < FILE_COUNT + 1) cutShortCount += 1;
  }
  await start(limits);
  const seen = await client.untilDone(name);
  expect(cutShortCount).toBeGreaterThan(1);
  expect(seen).toMatchObject({
    status: 'SUCCESS',
    counters: { objectsFoundFromSource: FILE_COUNT + 1, objectsCopiedToSink: FILE_COUNT + 1 },
  });
  await until('the janitor', () => s3.bucket.uploads.size === 0 && copiedCount() === s3.bucket.objects.size);
  expect(await transfer(up(from, 'bound-s3'))).toMatchObject({ counters: { objectsCopiedToSink: 0 } });
});
