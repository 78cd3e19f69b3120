import { NOTHING_PRESERVED, type PreservedMetadata } from '../posix-metadata.ts';
import { DEFAULT_BUCKET_METADATA, type BucketMetadata } from '../bucket-metadata.ts';

/** BucketMetadata between two places that are known: a class has the name that the sink's service gives it. */
export type KeptMetadata = Omit<BucketMetadata, 'storageClass'> & {
  readonly storageClass: 'of-sink' | 'of-source' | { readonly name: string };
  /** Of files, in the pairs of attribute-pairs.ts. */
  readonly files: PreservedMetadata;
};

export const DEFAULT_KEPT_METADATA: KeptMetadata = {
  ...DEFAULT_BUCKET_METADATA,
  storageClass: 'of-sink',
  files: NOTHING_PRESERVED,
};
