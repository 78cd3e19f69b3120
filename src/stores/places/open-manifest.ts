import type { BucketBindings } from '../../core/bucket-binding.ts';
import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { byteStringOf } from '../../transfers/byte-string.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { ObjectStore } from '../../transfers/object-store.ts';
import { manifestUrl, type Manifest, type ManifestLocation } from '../../transfers/selection/manifest.ts';
import type { OpenManifest, TransferEnds } from '../../transfers/transfer-environment.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import { sortedManifest } from '../manifest/sorted-manifest.ts';
import { PosixStore } from '../posix/posix-store.ts';
import { checkPlatform, checkPosixPlace, type PosixRoot } from '../posix/roots.ts';
import type { StoreLimits } from './limits.ts';
import { manifestPlaceOf } from './manifest-place.ts';
import { openBucket, type OpenedStore } from './open-bucket.ts';

export interface OpenManifestOptions extends OpenManifest {
  readonly posixRoots: readonly PosixRoot[];
  readonly bindings: BucketBindings;
  readonly limits: TransferLimits;
  readonly stores: StoreLimits;
  /** Where it is kept while it is sorted, and read from. */
  readonly sortDirectory: string;
  /** See OpenBucketOptions. */
  readonly s3Abilities?: SharedArrayBuffer;
  readonly clock: Clock;
}

/**
 * Reads a manifest whole, and sorts it.
 *
 * @param ends  of the transfer: what lies in one of them is read there.
 * @returns undefined when it is not wanted any more.
 * @throws StatusError NOT_FOUND (reason MANIFEST_NOT_FOUND) when it is not there; as readManifest, RecordSorter, manifestPlaceOf and openBucket.
 */
export async function openManifest(
  location: ManifestLocation,
  ends: Pick<TransferEnds, 'source' | 'sink'>,
  options: OpenManifestOptions,
): Promise<Manifest | undefined> {
  if (location.kind !== 'bucket') return readFrom(ends[location.kind], location, options);
  const opened = await openPlaceOf(location, options);
  try {
    return await readFrom(opened.store, location, options);
  } finally {
    await opened.close();
  }
}

function openPlaceOf(
  location: Extract<ManifestLocation, { readonly kind: 'bucket' }>,
  options: OpenManifestOptions,
): OpenedStore | Promise<OpenedStore> {
  const place = manifestPlaceOf(location, options.bindings);
  if (place.kind === 'bucket') return openBucket(place, { ...options, role: 'source' });
  if (place.kind === 'url-list') throw new Error('a bucket is no list of URLs');
  checkPlatform();
  const { limits, posixRoots } = options;
  const store = new PosixStore({ place: checkPosixPlace(place, 'source', posixRoots), role: 'source', limits });
  return { store, close: () => store.close() };
}

async function readFrom(
  store: ObjectStore,
  location: ManifestLocation,
  { stores, sortDirectory, signal, ...which }: OpenManifestOptions,
): Promise<Manifest | undefined> {
  const url = manifestUrl(location);
  const body = store.read(byteStringOf(location.name), { signal });
  const rows = readManifest(body, { url, limits: stores.manifest, signal });
  try {
    return await sortedManifest(rows, { ...stores.storeCalls, directory: sortDirectory }, which);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof StatusError) || error.code !== Code.NOT_FOUND) throw error;
    const options = { reason: 'MANIFEST_NOT_FOUND', metadata: { manifest: url }, cause: error };
    throw new StatusError(Code.NOT_FOUND, `${url}: the manifest is not there`, options);
  }
}
