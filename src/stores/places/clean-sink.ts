import type { BucketBindings } from '../../core/bucket-binding.ts';
import type { Clock } from '../../core/clock.ts';
import { toBytes, type ByteString } from '../../transfers/byte-string.ts';
import type { StagedObject } from '../../transfers/copier.ts';
import { decodeGroupEntry } from '../../transfers/group-entry.ts';
import { decodeRemovalEntry } from '../../transfers/removal-entry.ts';
import { decodeStagedKeysEntry } from '../../transfers/staged-keys-entry.ts';
import type { BucketLocation } from '../../transfers/remote-location.ts';
import { cleanStaging } from '../posix/clean-staging.ts';
import type { PosixRoot } from '../posix/roots.ts';
import type { StoreLimits } from './limits.ts';
import { openBucket, type OpenedStore } from './open-bucket.ts';
import { placeOf } from './place-of.ts';

export interface CleanSinkOptions {
  readonly posixRoots: readonly PosixRoot[];
  readonly bindings: BucketBindings;
  readonly clock: Clock;
  readonly stores: StoreLimits;
  /** See OpenBucketOptions. */
  readonly sortDirectory: string;
  readonly signal: AbortSignal;
}

const BUCKET_URL = /^(gs|s3):\/\/([^/]+)\/(.*)$/s;

/**
 * The janitor's part: removes what a journal entry of an operation that is done or gone has left at its sink: files, uploads.
 *
 * Safe to repeat. Published objects are never touched.
 * @param value  the entry's bytes.
 * @returns how many were removed. The entry may be removed from the journal then.
 * @throws StatusError when something could not be removed now, or nothing is bound to the sink's name any more.
 */
export async function cleanSink(value: Uint8Array, options: CleanSinkOptions): Promise<number> {
  // What was removed, or was to be, has left nothing behind.
  if (decodeRemovalEntry(value) !== undefined) return 0;
  const own = decodeStagedKeysEntry(value);
  const { sinkRoot, objects } = own === undefined ? decodeGroupEntry(value) : { ...own, objects: [] };
  const location = bucketOf(toBytes(sinkRoot).toString('utf8'));
  if (location === undefined) return cleanStaging(value, options.posixRoots);
  const staged = objects.filter(({ uploadId }) => uploadId !== undefined);
  const place = placeOf(location, options.bindings);
  // Bound to a directory since: what was staged elsewhere cannot be reached any more.
  const keys = own?.keys ?? [];
  if (staged.length + keys.length === 0 || place.kind !== 'bucket') return 0;
  const opened = await openBucket(place, { ...options, role: 'source' });
  try {
    let count = 0;
    for (const object of staged) count += await abortUploads(object, opened, options.signal);
    for (const key of keys) count += await removeStaged(key, opened, options.signal);
    return count;
  } finally {
    await opened.close();
  }
}

/** An object that was only staging, and whatever is on its way to become it. */
async function removeStaged(key: ByteString, opened: OpenedStore, signal: AbortSignal): Promise<number> {
  const count = await abortUploads({ key }, opened, signal);
  return (await opened.store.delete(key, signal)) ? count + 1 : count;
}

/** One whose id is not known is looked for by its key. */
async function abortUploads(
  { key, uploadId = '' }: Pick<StagedObject, 'key' | 'uploadId'>,
  { store: { uploads } }: OpenedStore,
  signal: AbortSignal,
): Promise<number> {
  if (uploads === undefined) return 0;
  if (uploadId !== '') return (await uploads.abort({ key, id: uploadId }, signal)) ? 1 : 0;
  let count = 0;
  for await (const upload of uploads.list?.(key, signal) ?? []) {
    if (upload.key === key && (await uploads.abort(upload, signal))) count += 1;
  }
  return count;
}

/** undefined for a directory's path. */
function bucketOf(sinkRoot: string): BucketLocation | undefined {
  const match = BUCKET_URL.exec(sinkRoot);
  if (match === null) return undefined;
  const [, scheme, bucket = '', path = ''] = match;
  return { kind: 'bucket', scheme: scheme === 's3' ? 's3' : 'gs', bucket, path };
}
