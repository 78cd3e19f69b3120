/**
 * What of an object's metadata a copy in a bucket gets, as MetadataOptions say it: the options that are about buckets. Those about
 * files are PreservedMetadata. Fixed headers and the owner's own pairs are always kept.
 */

/** MetadataOptions.StorageClass without its prefix: classes of Google Cloud Storage, whatever the sink is. */
export const STORAGE_CLASSES = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'] as const;

export type StorageClass = (typeof STORAGE_CLASSES)[number];

/** transfer_types.proto, MetadataOptions, each with its default decided. */
export interface BucketMetadata {
  readonly storageClass: 'of-sink' | 'of-source' | StorageClass;
  readonly temporaryHold: boolean;
  readonly kmsKey: boolean;
  /** As custom time; the source's own custom time is lost then. */
  readonly createTime: boolean;
  readonly acl: boolean;
}

/** What the proto says of each option that is left out. */
export const DEFAULT_BUCKET_METADATA: BucketMetadata = {
  storageClass: 'of-sink',
  temporaryHold: true,
  kmsKey: false,
  createTime: false,
  acl: false,
};
