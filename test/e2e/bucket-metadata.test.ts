/** MetadataOptions of objects in buckets over the public client, between buckets of a fake Google Cloud Storage that two names are bound to. */
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { protos } from '@google-cloud/storage-transfer';
import type { FakeBucket, FakeMetadata } from '../support/fake-gcs/fake-bucket.ts';
import { FakeGcs } from '../support/fake-gcs/fake-gcs.ts';
import { PROJECT, TransferClient, type SeenOperation } from './support/transfer-client.ts';
import { Workspace } from './support/workspace.ts';

const CREATED = '2020-02-02T02:02:02.222Z';
const KEY = 'projects/p/locations/l/keyRings/r/cryptoKeys/k';

type Options = protos.google.storagetransfer.v1.IMetadataOptions;

let workspace: Workspace;
let gcs: FakeGcs;
let from: FakeBucket;
let to: FakeBucket;
let client: TransferClient;

beforeEach(async () => {
  workspace = new Workspace();
  gcs = await FakeGcs.start({ now: () => Date.parse(CREATED) });
  [from, to] = [gcs.createBucket('source'), gcs.createBucket('sink')];
  const buckets = { '*': { kind: 'gcs', endpoint: gcs.server.origin, credentials: 'none' } };
  writeFileSync(workspace.path('config.yaml'), JSON.stringify({ buckets }));
  client = new TransferClient((await workspace.start({ flags: [`--config=${workspace.path('config.yaml')}`] })).grpc);
});
afterEach(async () => {
  await client.close();
  await workspace.remove();
  await gcs.close();
});

function plant(metadata: FakeMetadata): void {
  from.put('k', Buffer.from('content'), metadata, new URLSearchParams());
}

async function transfer(metadataOptions: Options, spec: object = {}): Promise<SeenOperation> {
  const buckets = { gcsDataSource: { bucketName: 'source' }, gcsDataSink: { bucketName: 'sink' } };
  const transferSpec = { ...buckets, ...spec, transferOptions: { metadataOptions } };
  const transferJob = { projectId: PROJECT, status: 'ENABLED' as const, transferSpec };
  const [job] = await client.stock.createTransferJob({ transferJob });
  return client.untilDone(await client.run(job.name ?? ''));
}

const ACL = [{ entity: 'allUsers', role: 'READER' }];

test.each<[Options, FakeMetadata, FakeMetadata]>([
  [{}, { storageClass: 'NEARLINE' }, { storageClass: 'STANDARD' }],
  [{ storageClass: 'STORAGE_CLASS_PRESERVE' }, { storageClass: 'NEARLINE' }, { storageClass: 'NEARLINE' }],
  [{ storageClass: 'STORAGE_CLASS_ARCHIVE' }, {}, { storageClass: 'ARCHIVE' }],
  [{}, { temporaryHold: true }, { temporaryHold: true }],
  [{ kmsKey: 'KMS_KEY_PRESERVE' }, { kmsKeyName: KEY }, { kmsKeyName: `${KEY}/cryptoKeyVersions/1` }],
  [{ timeCreated: 'TIME_CREATED_PRESERVE_AS_CUSTOM_TIME' }, {}, { customTime: CREATED }],
  [{ acl: 'ACL_PRESERVE' }, { acl: ACL }, { acl: ACL }],
])('a job with %j makes of %j a copy with %j', async (options, metadata, copy) => {
  plant(metadata);
  expect(await transfer(options)).toMatchObject({ status: 'SUCCESS', counters: { objectsCopiedToSink: 1 } });
  expect(to.get('k').resource).toMatchObject(copy);
});

test('a job that skips temporary holds leaves the copy free', async () => {
  plant({ temporaryHold: true });
  expect((await transfer({ temporaryHold: 'TEMPORARY_HOLD_SKIP' })).status).toBe('SUCCESS');
  expect(to.get('k').resource.temporaryHold).not.toBe(true);
});

// "Uniform bucket-level access must not be enabled on either the source or destination buckets."
test.each(['source', 'sink'])(
  'access control lists with uniform access in bucket %s: nothing is copied',
  async (name) => {
    plant({});
    gcs.bucket(name).isUniform = true;
    const { status, operation } = await transfer({ acl: 'ACL_PRESERVE' });
    expect([status, operation.error?.code]).toEqual(['FAILED', 9]);
    expect(operation.error?.message).toContain(`gs://${name}/`);
    expect(to.names('', '', '')).toEqual([]);
  },
);

test('what cannot be between a directory and a bucket is refused when the job is created', async () => {
  const posixDataSource = { rootDirectory: workspace.directory('files', 'source') };
  const refused = transfer({ acl: 'ACL_PRESERVE' }, { gcsDataSource: null, posixDataSource });
  await expect(refused).rejects.toThrow(/INVALID_ARGUMENT.*metadata_options\.acl/);
});
