import type { AnnounceStaged } from '../../transfers/transfer-environment.ts';
import type { S3Limits } from './limits.ts';
import { probeAbilities } from './probe-abilities.ts';
import { READING_ABILITIES } from './s3-abilities.ts';
import type { S3AbilityCache } from './s3-ability-cache.ts';
import { S3Bucket, type S3BucketOptions } from './s3-bucket.ts';
import { S3Lister } from './s3-lister.ts';
import { S3Store } from './s3-store.ts';

export interface OpenS3StoreOptions extends S3BucketOptions {
  /** A sink is probed by writing under a staging name; of a source only the first names are read. */
  readonly role: 'source' | 'sink';
  readonly limits: S3Limits;
  readonly abilities: S3AbilityCache;
  /** Called, and waited for, before a sink is probed. */
  readonly announce?: AnnounceStaged;
  readonly signal: AbortSignal;
}

/** Opens a place in S3, with what its server is known, or found out, to do. @throws StatusError when a sink cannot be written. */
export async function openS3Store({
  role,
  limits,
  abilities: cache,
  announce,
  signal,
  ...where
}: OpenS3StoreOptions): Promise<S3Store> {
  const bucket = new S3Bucket(where);
  const { endpoint, bucket: name } = where.place;
  const endpointKey = `${endpoint} ${name}`;
  let abilities = role === 'source' ? READING_ABILITIES : cache.get(endpointKey);
  if (role === 'source' && !(await isBeginningOrdered(bucket, limits, signal))) cache.noteDisorder(endpointKey);
  if (abilities === undefined) {
    abilities = await probeAbilities(bucket, { limits, signal, ...(announce === undefined ? {} : { announce }) });
    cache.set(endpointKey, abilities);
  }
  const isDisordered = cache.isDisordered(endpointKey) || cache.get(endpointKey)?.listsInByteOrder === false;
  return new S3Store({
    bucket,
    abilities: isDisordered ? { ...abilities, listsInByteOrder: false } : abilities,
    limits,
    onDisorder: () => {
      cache.noteDisorder(endpointKey);
    },
  });
}

/** A source may not be written to find out: its first page shows most other orders, and the rest is verified as it comes. */
async function isBeginningOrdered(bucket: S3Bucket, limits: S3Limits, signal: AbortSignal): Promise<boolean> {
  const lister = new S3Lister(bucket, limits.listPageCountMax);
  for await (const { keys } of lister.pages(bucket.place.prefix, undefined, signal)) {
    return keys.every((key, index) => index === 0 || key > (keys[index - 1] ?? ''));
  }
  return true;
}
