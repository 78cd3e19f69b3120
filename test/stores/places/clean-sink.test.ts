import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BucketBindings } from '../../../src/core/bucket-binding.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { cleanSink } from '../../../src/stores/places/clean-sink.ts';
import { DEFAULT_STORE_LIMITS } from '../../../src/stores/places/limits.ts';
import { encodeRemovalEntry } from '../../../src/transfers/removal-entry.ts';
import { encodeStagedKeysEntry } from '../../../src/transfers/staged-keys-entry.ts';
import { encodeGroupEntry, encodeUploadEntry } from '../../../src/transfers/group-entry.ts';
import { FAKE_BUCKET, FAKE_CREDENTIALS, startFakeS3, type FakeS3 } from '../../support/fake-s3/fake-s3.ts';

const signal = new AbortController().signal;
const object = { key: 'large', sizeBytes: 9, modifyTimeMs: 1, stagingName: '' };

let s3: FakeS3;
let bindings: BucketBindings;
beforeEach(async () => {
  s3 = await startFakeS3();
  process.env['TEST_KEY_ID'] = FAKE_CREDENTIALS.accessKeyId;
  process.env['TEST_SECRET'] = FAKE_CREDENTIALS.secretAccessKey;
  process.env['TEST_TOKEN'] = FAKE_CREDENTIALS.sessionToken;
  bindings = {
    bound: {
      kind: 's3',
      bucket: FAKE_BUCKET,
      prefix: 'p/',
      endpoint: s3.endpoint,
      region: 'test-1',
      isVirtualHosted: false,
      accessKeyId: { env: 'TEST_KEY_ID' },
      secretAccessKey: { env: 'TEST_SECRET' },
      sessionToken: { env: 'TEST_TOKEN' },
    },
  };
});
afterEach(async () => {
  for (const name of ['TEST_KEY_ID', 'TEST_SECRET', 'TEST_TOKEN']) Reflect.deleteProperty(process.env, name);
  await s3.close();
});

const clean = (value: Uint8Array): Promise<number> =>
  cleanSink(value, {
    posixRoots: [],
    bindings,
    stores: DEFAULT_STORE_LIMITS,
    sortDirectory: tmpdir(),
    clock: systemClock,
    signal,
  });

describe('what an ended operation has left in a bucket', () => {
  test('is found by its id, and nothing else is touched', async () => {
    const { id } = s3.bucket.begin('p/large', {}, undefined);
    s3.bucket.begin('p/large', {}, undefined);
    const entry = encodeUploadEntry('gs://bound/', { ...object, uploadId: id });
    expect(await clean(entry)).toBe(1);
    expect(s3.bucket.uploads.size).toBe(1);
    expect(await clean(entry)).toBe(0);
  });

  test('is found by its key where its id was never known, but not what has a longer one', async () => {
    s3.bucket.begin('p/d/large', {}, undefined);
    const other = s3.bucket.begin('p/d/larger', {}, undefined);
    const entry = encodeUploadEntry('gs://bound/d/', { ...object, uploadId: '' });
    expect(await clean(entry)).toBe(1);
    expect([...s3.bucket.uploads.keys()]).toEqual([other.id]);
  });

  test('is gone where it was only a store that looked what its server does', async () => {
    const plant = (key: string): unknown =>
      s3.bucket.objects.set(key, { key, bytes: Buffer.alloc(1), etag: 'e', modifyTimeMs: 1, headers: {} });
    plant('p/d/.~stx-probe-1/a');
    plant('p/d/a');
    s3.bucket.begin('p/d/.~stx-probe-1/b', {}, undefined);
    const keys = ['.~stx-probe-1/a', '.~stx-probe-1/b'];
    expect(await clean(encodeStagedKeysEntry({ sinkRoot: 'gs://bound/d/', keys }))).toBe(2);
    expect([...s3.bucket.objects.keys()]).toEqual(['p/d/a']);
    expect(s3.bucket.uploads.size).toBe(0);
  });

  test('is nothing where objects were only removed', async () => {
    expect(await clean(encodeRemovalEntry('unique-in-sink', [object]))).toBe(0);
    expect(s3.requests).toEqual([]);
  });

  test('is nothing where only small objects were on their way', async () => {
    expect(await clean(encodeGroupEntry('gs://bound/', '.~stx-', [object]))).toBe(0);
    expect(s3.requests).toEqual([]);
  });

  test('stays in the journal while nothing is bound to the name', async () => {
    const entry = encodeUploadEntry('gs://gone/', { ...object, uploadId: 'x' });
    await expect(clean(entry)).rejects.toMatchObject({ info: { reason: 'BUCKET_NOT_BOUND' } });
  });

  test('stays in the journal while its secret cannot be read, and nobody is told where that is', async () => {
    Reflect.deleteProperty(process.env, 'TEST_SECRET');
    const failure: unknown = await clean(encodeUploadEntry('gs://bound/', { ...object, uploadId: 'x' })).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ info: { reason: 'CREDENTIAL_UNREADABLE' } });
    expect(String(failure)).not.toContain('TEST_SECRET');
  });
});
