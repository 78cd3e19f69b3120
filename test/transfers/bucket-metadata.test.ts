/** What MetadataOptions say of objects in buckets, between fakes of Google Cloud Storage: within it, through this process, and in parts. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { GcsStore } from '../../src/stores/gcs/gcs-store.ts';
import { MemoryStore } from '../../src/stores/memory/memory-store.ts';
import { DEFAULT_KEPT_METADATA, type KeptMetadata } from '../../src/transfers/object-copy/kept-metadata.ts';
import type { ObjectStore } from '../../src/transfers/object-store.ts';
import { FakeOperation } from '../support/fake-operation.ts';
import type { FakeMetadata, FakeResource } from '../support/fake-gcs/fake-bucket.ts';
import { GcsGround, SMALL_GCS_LIMITS } from '../support/fake-gcs/gcs-ground.ts';
import { bodyOf, runBetween } from '../support/store-transfer.ts';

const never = new AbortController().signal;
const NOTHING = new URLSearchParams();
const CREATED = Date.parse('2020-02-02T02:02:02.222Z');

let from: GcsGround;
let to: GcsGround;
beforeEach(async () => {
  [from, to] = await Promise.all([GcsGround.open({ now: () => CREATED }), GcsGround.open()]);
  from.fake.createBucket('second');
});
afterEach(async () => {
  await Promise.all([from.close(), to.close()]);
});

interface Way {
  readonly way: string;
  readonly sizeBytes: number;
  readonly sink: () => ObjectStore;
  readonly found: () => FakeResource;
}

function secondBucket(): ObjectStore {
  const location = { bucket: 'second', path: '', endpoint: from.fake.server.origin };
  return new GcsStore({ service: from.service, location, limits: SMALL_GCS_LIMITS });
}

const WAYS: readonly Way[] = [
  {
    way: 'within the service',
    sizeBytes: 10,
    sink: secondBucket,
    found: () => from.fake.bucket('second').get('k').resource,
  },
  {
    way: 'by one write',
    sizeBytes: 10,
    sink: () => to.store,
    found: () => to.fake.bucket('b').get('k').resource,
  },
  {
    way: 'in parts',
    sizeBytes: 300_000,
    sink: () => to.store,
    found: () => to.fake.bucket('b').get('k').resource,
  },
];

function sourceStore(): ObjectStore {
  const location = { bucket: 'b', path: '', endpoint: from.fake.server.origin };
  return new GcsStore({ service: from.service, location, limits: SMALL_GCS_LIMITS, tellsAcl: true });
}

/** A transfer's error, or `done`. */
function transfer(source: ObjectStore, sink: ObjectStore, options: Partial<KeptMetadata>, operation: FakeOperation) {
  const kept = { ...DEFAULT_KEPT_METADATA, ...options };
  return runBetween({ source, sink, kept }, operation.attempt(1n).context).catch((error: unknown) => error);
}

/** One object with that metadata, copied: what the sink has. */
async function copied(way: Way, metadata: FakeMetadata, options: Partial<KeptMetadata> = {}): Promise<FakeResource> {
  from.fake.bucket('b').put('k', randomBytes(way.sizeBytes), metadata, NOTHING);
  expect(await transfer(sourceStore(), way.sink(), options, new FakeOperation())).toBe('done');
  return way.found();
}

const KEY = 'projects/p/locations/l/keyRings/r/cryptoKeys/k';

describe.each(WAYS)('an object that is copied $way', (way) => {
  // "If unspecified, the default behavior is the same as STORAGE_CLASS_DESTINATION_BUCKET_DEFAULT."
  test('has the storage class of its bucket unless it is asked for otherwise', async () => {
    const found = await copied(way, { storageClass: 'NEARLINE' });
    expect(found.storageClass).toBe('STANDARD');
  });

  // "Preserve the object's original storage class."
  test.each(['NEARLINE', 'ARCHIVE'])('keeps its storage class %s where that is asked for', async (storageClass) => {
    expect(await copied(way, { storageClass }, { storageClass: 'of-source' })).toMatchObject({ storageClass });
  });

  // "REGIONAL and MULTI_REGIONAL storage classes will be mapped to STANDARD".
  test.each(['REGIONAL', 'MULTI_REGIONAL'])('has STANDARD in place of %s', async (storageClass) => {
    for (const bucket of [from.fake.bucket('second'), to.fake.bucket('b')]) bucket.storageClass = 'COLDLINE';
    const found = await copied(way, { storageClass }, { storageClass: 'of-source' });
    expect(found.storageClass).toBe('STANDARD');
  });

  // "Set the storage class to COLDLINE."
  test('has the storage class that is asked for', async () => {
    const found = await copied(way, { storageClass: 'NEARLINE' }, { storageClass: { name: 'COLDLINE' } });
    expect(found.storageClass).toBe('COLDLINE');
  });

  // "If unspecified, the default behavior is the same as TEMPORARY_HOLD_PRESERVE."
  test('is held as its source is', async () => {
    expect((await copied(way, { temporaryHold: true })).temporaryHold).toBe(true);
  });

  // "Do not set a temporary hold on the destination object."
  test('is not held where that is not asked for', async () => {
    expect((await copied(way, { temporaryHold: true }, { temporaryHold: false })).temporaryHold).not.toBe(true);
  });

  // "Use the destination bucket's default encryption settings."
  test('has the key of its bucket unless it is asked for otherwise', async () => {
    expect((await copied(way, { kmsKeyName: KEY })).kmsKeyName).toBeUndefined();
  });

  // "Preserve the object's original Cloud KMS customer-managed encryption key (CMEK) if present."
  test('keeps its key where that is asked for', async () => {
    const found = await copied(way, { kmsKeyName: KEY }, { kmsKey: true });
    expect(found.kmsKeyName).toBe(`${KEY}/cryptoKeyVersions/1`);
  });

  // "Objects that do not use a Cloud KMS encryption key will be encrypted using the destination bucket's encryption settings."
  test('has the key of its bucket where its source has none', async () => {
    expect((await copied(way, {}, { kmsKey: true })).kmsKeyName).toBeUndefined();
  });

  // "Do not preserve the `timeCreated` metadata from the source object."
  test('keeps its custom time where the time of creation is not asked for', async () => {
    const customTime = '2011-11-11T11:11:11.000Z';
    expect((await copied(way, { customTime })).customTime).toBe(customTime);
  });

  // "Preserves the source object's `timeCreated` … in the `customTime` field in the destination object. Note that any value stored in
  // the source object's `customTime` field will not be propagated to the destination object."
  test('has the time of its source’s creation as custom time, and not the custom time of that', async () => {
    const found = await copied(way, { customTime: '2011-11-11T11:11:11Z' }, { createTime: true });
    expect(found.customTime).toBe(new Date(CREATED).toISOString());
  });

  const acl = [
    { entity: 'user-owner@example.com', role: 'OWNER' },
    { entity: 'allUsers', role: 'READER' },
  ];

  // "If unspecified, the default behavior is the same as ACL_DESTINATION_BUCKET_DEFAULT."
  test('has the access control list that its bucket gives', async () => {
    expect((await copied(way, { acl })).acl).toEqual([{ entity: 'project-owners-1', role: 'OWNER' }]);
  });

  // "Preserve the object's original ACLs."
  test('keeps its access control list where that is asked for', async () => {
    expect((await copied(way, { acl }, { acl: true })).acl).toEqual(acl);
  });
});

test('a source that does not tell the access control list that is asked for is not copied without it', async () => {
  from.fake.bucket('b').put('k', Buffer.from('x'), {}, NOTHING);
  const operation = new FakeOperation();
  await transfer(from.store, to.store, { acl: true }, operation);
  expect(operation.state.progress?.errorBreakdowns).toMatchObject([{ code: 9, samples: [{ url: 's3://source/k' }] }]);
  expect(to.fake.bucket('b').names('', '', '')).toEqual([]);
});

// "… or `lastModified` metadata in the `customTime` field".
test('where a service has no time of creation, that of the last change is the custom time', async () => {
  const source = new MemoryStore();
  await source.write('k', bodyOf(randomBytes(5)), { modifyTimeMs: CREATED, signal: never });
  expect(await transfer(source, to.store, { createTime: true }, new FakeOperation())).toBe('done');
  expect(to.fake.bucket('b').get('k').resource.customTime).toBe(new Date(CREATED).toISOString());
});

test('an object that is equal is left as it is, whatever its metadata were to be', async () => {
  from.fake.bucket('b').put('k', Buffer.from('x'), {}, NOTHING);
  await transfer(from.store, to.store, {}, new FakeOperation());
  const again = new FakeOperation();
  await transfer(from.store, to.store, { storageClass: { name: 'ARCHIVE' } }, again);
  expect(again.state.progress?.counters).toMatchObject({ objectsFromSourceSkippedBySync: 1 });
  expect(to.fake.bucket('b').get('k').resource.storageClass).toBe('STANDARD');
});
