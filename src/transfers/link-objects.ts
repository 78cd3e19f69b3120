/**
 * Symbolic links as objects of a bucket, as Storage Transfer Service documents them ("Metadata preservation", POSIX to Cloud Storage):
 * the content is the target, and a pair says that it is one.
 */
import type { ObjectMetadata } from './object-metadata.ts';
import type { ObjectRecord } from './object-record.ts';

const IS_LINK = 'goog-reserved-file-is-symlink';

/** PATH_MAX of Linux, less the NUL at its end. Bytes. */
const TARGET_SIZE_BYTES_MAX = 4095;

/** The pairs to store with a copy of the object. */
export function linkPairs(record: Pick<ObjectRecord, 'linkTarget'> | undefined): Readonly<Record<string, string>> {
  return record?.linkTarget === undefined ? {} : { [IS_LINK]: 'true' };
}

/** Whether an object stands for a link: it says so, and no target is empty or longer than a path. */
export function isLinkObject({
  sizeBytes,
  metadata,
}: {
  readonly sizeBytes: number;
  readonly metadata?: ObjectMetadata | undefined;
}): boolean {
  return metadata?.custom[IS_LINK] === 'true' && sizeBytes > 0 && sizeBytes <= TARGET_SIZE_BYTES_MAX;
}
