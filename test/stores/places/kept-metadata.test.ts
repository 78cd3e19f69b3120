import { describe, expect, test } from '@jest/globals';
import type { BucketBindings } from '../../../src/core/bucket-binding.ts';
import { Code } from '../../../src/core/code.ts';
import { keptMetadataOf } from '../../../src/stores/places/kept-metadata.ts';
import { placeOf, type Place } from '../../../src/stores/places/place-of.ts';
import { DEFAULT_KEPT_METADATA } from '../../../src/transfers/object-copy/kept-metadata.ts';
import { NOTHING_PRESERVED } from '../../../src/transfers/posix-metadata.ts';
import { DEFAULT_BUCKET_METADATA, type BucketMetadata } from '../../../src/transfers/bucket-metadata.ts';

const BINDINGS: BucketBindings = {
  gcs: { kind: 'gcs', prefix: '', credentials: { kind: 'none' } },
  s3: {
    kind: 's3',
    prefix: '',
    endpoint: 'https://s3.test',
    region: 'r',
    isVirtualHosted: false,
    accessKeyId: { env: 'ID' },
    secretAccessKey: { env: 'KEY' },
  },
  azure: { kind: 'azure', prefix: '', account: 'a', endpoint: 'https://azure.test', credentials: { kind: 'none' } },
  directory: { kind: 'directory', path: '/files' },
};

function place(name: string): Place {
  if (name === 'list') return { kind: 'url-list', listUrl: 'https://web.test/list' };
  return placeOf({ kind: 'bucket', scheme: 'gs', bucket: name, path: '' }, BINDINGS);
}

function kept(source: string, sink: string, options: Partial<BucketMetadata>) {
  const bucketMetadata = { ...DEFAULT_BUCKET_METADATA, ...options };
  return keptMetadataOf({ metadata: NOTHING_PRESERVED, bucketMetadata }, place(source), place(sink));
}

// "Specifies the storage class to set on objects being transferred to Google Cloud Storage buckets."
describe('a storage class', () => {
  test.each([
    ['gcs', 'STANDARD', 'STANDARD'],
    ['gcs', 'NEARLINE', 'NEARLINE'],
    ['gcs', 'COLDLINE', 'COLDLINE'],
    ['gcs', 'ARCHIVE', 'ARCHIVE'],
    ['s3', 'STANDARD', 'STANDARD'],
    ['s3', 'NEARLINE', 'STANDARD_IA'],
    ['s3', 'COLDLINE', 'GLACIER_IR'],
    ['azure', 'STANDARD', 'Hot'],
    ['azure', 'NEARLINE', 'Cool'],
    ['azure', 'COLDLINE', 'Cold'],
  ] as const)('at %s, %s is %s, wherever objects come from', (sink, storageClass, name) => {
    for (const source of ['gcs', 's3', 'azure', 'directory', 'list']) {
      expect(kept(source, sink, { storageClass }).storageClass).toEqual({ name });
    }
  });

  test.each(['gcs', 's3', 'azure'])('is preserved between two buckets of %s', (kind) => {
    expect(kept(kind, kind, { storageClass: 'of-source' }).storageClass).toBe('of-source');
  });
});

test.each<[string, string, string, Partial<BucketMetadata>]>([
  ['storage_class', 'gcs', 's3', { storageClass: 'ARCHIVE' }],
  ['storage_class', 'gcs', 'azure', { storageClass: 'ARCHIVE' }],
  ['storage_class', 'gcs', 'directory', { storageClass: 'NEARLINE' }],
  ['storage_class', 'directory', 'directory', { storageClass: 'STANDARD' }],
  // "This is only supported for transfers from Google Cloud Storage buckets."
  ['storage_class', 's3', 'gcs', { storageClass: 'of-source' }],
  ['storage_class', 'gcs', 's3', { storageClass: 'of-source' }],
  ['storage_class', 'directory', 'gcs', { storageClass: 'of-source' }],
  ['storage_class', 'directory', 'directory', { storageClass: 'of-source' }],
  // "for transfers between Google Cloud Storage buckets"
  ['acl', 'azure', 'gcs', { acl: true }],
  ['acl', 'gcs', 's3', { acl: true }],
  ['acl', 'directory', 'directory', { acl: true }],
  ['kms_key', 's3', 'gcs', { kmsKey: true }],
  ['kms_key', 'gcs', 'directory', { kmsKey: true }],
  // "supported for transfers to Cloud Storage buckets from Cloud Storage, Amazon S3, S3-compatible storage, and Azure sources"
  ['time_created', 'directory', 'gcs', { createTime: true }],
  ['time_created', 'list', 'gcs', { createTime: true }],
  ['time_created', 'gcs', 's3', { createTime: true }],
  ['time_created', 's3', 'directory', { createTime: true }],
])('%s that cannot be from %s to %s is refused by its name: %j', (option, source, sink, options) => {
  const field = `transfer_job.transfer_spec.transfer_options.metadata_options.${option}`;
  let refused: unknown;
  try {
    kept(source, sink, options);
  } catch (error) {
    refused = error;
  }
  expect(refused).toMatchObject({ code: Code.INVALID_ARGUMENT, info: { metadata: { field } } });
});

test.each(['gcs', 's3', 'azure'])('the time of creation can be kept from %s to Google', (source) => {
  expect(kept(source, 'gcs', { createTime: true }).createTime).toBe(true);
});

test.each([
  ['gcs', 's3'],
  ['directory', 'gcs'],
  ['directory', 'directory'],
])('from %s to %s the defaults are refused nothing', (source, sink) => {
  expect(kept(source, sink, {})).toEqual(DEFAULT_KEPT_METADATA);
});
