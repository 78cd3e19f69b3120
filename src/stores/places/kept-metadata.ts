import { invalidArgument } from '../../core/status-error.ts';
import { DEFAULT_BUCKET_METADATA, type BucketMetadata, type StorageClass } from '../../transfers/bucket-metadata.ts';
import type { KeptMetadata } from '../../transfers/object-copy/kept-metadata.ts';
import type { TransferSpec } from '../../transfers/spec.ts';
import type { Place } from './place-of.ts';

type Service = 'gcs' | 's3' | 'azure';
type PlaceKind = Service | 'posix' | 'url-list';

/**
 * Google's classes at each service, by how long an object is meant to stay. All of them are read at once: an archive of S3 or Azure
 * must be asked for hours ahead, which Google's is not, so nothing stands for that.
 */
const CLASS_NAMES: Readonly<Record<Service, Readonly<Partial<Record<StorageClass, string>>>>> = {
  gcs: { STANDARD: 'STANDARD', NEARLINE: 'NEARLINE', COLDLINE: 'COLDLINE', ARCHIVE: 'ARCHIVE' },
  s3: { STANDARD: 'STANDARD', NEARLINE: 'STANDARD_IA', COLDLINE: 'GLACIER_IR' },
  azure: { STANDARD: 'Hot', NEARLINE: 'Cool', COLDLINE: 'Cold' },
};

const OPTIONS = 'transfer_job.transfer_spec.transfer_options.metadata_options';

/**
 * What copies from one place to the other keep.
 *
 * @throws StatusError INVALID_ARGUMENT naming the option that cannot be between them.
 */
export function keptMetadataOf(
  { metadata, bucketMetadata = DEFAULT_BUCKET_METADATA }: Pick<TransferSpec, 'metadata' | 'bucketMetadata'>,
  source: Place,
  sink: Place,
): KeptMetadata {
  const [from, to] = [kindOf(source), kindOf(sink)];
  const { kmsKey, acl, createTime } = bucketMetadata;
  const isGoogles = from === 'gcs' && to === 'gcs';
  const only = 'can be preserved between buckets of Google Cloud Storage only; leave it out';
  if (acl && !isGoogles) throw invalidArgument(`${OPTIONS}.acl`, only);
  if (kmsKey && !isGoogles) throw invalidArgument(`${OPTIONS}.kms_key`, only);
  if (createTime && !(to === 'gcs' && isService(from))) {
    const rule = 'can be preserved from a bucket to a bucket of Google Cloud Storage only; leave it out';
    throw invalidArgument(`${OPTIONS}.time_created`, rule);
  }
  return { ...bucketMetadata, storageClass: storageClassOf(bucketMetadata, from, to), files: metadata };
}

function storageClassOf(
  { storageClass }: BucketMetadata,
  from: PlaceKind,
  to: PlaceKind,
): KeptMetadata['storageClass'] {
  if (storageClass === 'of-sink') return storageClass;
  const field = `${OPTIONS}.storage_class`;
  if (!isService(to)) throw invalidArgument(field, 'is for buckets, and the sink is a directory; leave it out');
  if (storageClass === 'of-source') {
    if (from === to) return storageClass;
    throw invalidArgument(field, 'can be preserved between buckets of one service only; name a class instead');
  }
  const name = CLASS_NAMES[to][storageClass];
  if (name !== undefined) return { name };
  const rule = `${storageClass} has no counterpart at the sink's service that can be read at once; set COLDLINE, and archive there by a lifecycle rule`;
  throw invalidArgument(field, rule);
}

function kindOf(place: Place): PlaceKind {
  return place.kind === 'bucket' ? place.binding.kind : place.kind;
}

function isService(kind: PlaceKind): kind is Service {
  return Object.hasOwn(CLASS_NAMES, kind);
}
