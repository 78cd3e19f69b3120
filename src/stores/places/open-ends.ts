import { pathToFileURL } from 'node:url';
import type { BucketBindings } from '../../core/bucket-binding.ts';
import type { Clock } from '../../core/clock.ts';
import { WORD } from '../../operations/task.ts';
import { byteStringOf, type ByteString } from '../../transfers/byte-string.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { KeptMetadata } from '../../transfers/object-copy/kept-metadata.ts';
import { newObjectEnds } from '../../transfers/object-copy/object-ends.ts';
import { remoteUrl } from '../../transfers/remote-location.ts';
import type { PosixLocation, TransferSpec } from '../../transfers/spec.ts';
import type { AnnounceStaged, OpenTransferOptions, TransferEnds } from '../../transfers/transfer-environment.ts';
import { makeModeOf } from '../posix/file-attributes.ts';
import { ByteRate } from '../decorators/byte-rate.ts';
import { throttlingStore } from '../decorators/throttling-store.ts';
import { DownloadCopier } from '../posix/download-copier.ts';
import { durableEnough, openPosixEnds } from '../posix/posix-ends.ts';
import { PosixStore } from '../posix/posix-store.ts';
import { checkPlatform, checkPosixPlace, type PosixRoot } from '../posix/roots.ts';
import { throttled } from './decorated.ts';
import type { EgressPolicy } from '../web/egress.ts';
import type { StoreLimits } from './limits.ts';
import { keptMetadataOf } from './kept-metadata.ts';
import { openBucket, type OpenedStore } from './open-bucket.ts';
import { openUrlList } from './open-url-list.ts';
import { placeOf, type BucketPlace, type Place } from './place-of.ts';
import { refuseOwnSource } from './refuse-own-source.ts';

export interface OpenEndsOptions {
  /** As resolvePosixRoots() answered them. */
  readonly posixRoots: readonly PosixRoot[];
  readonly bindings: BucketBindings;
  /** Whom callers may name. */
  readonly egress: EgressPolicy;
  readonly limits: TransferLimits;
  readonly stores: StoreLimits;
  /** See OpenBucketOptions. */
  readonly sortDirectory: string;
  /** See ThreadTaskContext. */
  readonly word: Int32Array;
  readonly clock: Clock;
  /** See OpenBucketOptions. */
  readonly s3Abilities?: SharedArrayBuffer;
  /** See OpenTransferOptions. */
  readonly announce: OpenTransferOptions['announce'];
  readonly signal: AbortSignal;
  /** See CopierOptions. */
  readonly poolRate?: SharedArrayBuffer;
}

/**
 * Opens both places of a transfer, and the way between them.
 *
 * @throws StatusError as placeOf, openPosixEnds, openBucket and refuseOwnSource; `signal.reason` after an abort.
 */
export async function openEnds(spec: TransferSpec, options: OpenEndsOptions): Promise<TransferEnds> {
  const { bindings } = options;
  const source = placeOf(spec.source, bindings, spec.credentials);
  const sink = placeOf(spec.sink, bindings);
  const kept = keptMetadataOf(spec, source, sink);
  if (source.kind === 'posix' && sink.kind === 'posix') return openPosixEnds({ ...spec, source, sink }, options);
  const opened = await openSource(source, { ...spec, copiesAcls: kept.acl }, options);
  const from = atPoolRate(
    {
      close: () => opened.close(),
      store: throttled(opened.store, options.clock, options.limits, options.stores.storeCalls),
    },
    options,
  );
  try {
    if (sink.kind === 'posix') return openDownload(spec, from, { source, sink }, options);
    if (sink.kind === 'url-list') throw new Error('a list of URLs is no sink');
    return await openUpload(spec, from, { source, sink, kept }, options);
  } catch (error) {
    await from.close();
    throw error;
  }
}

async function openUpload(
  spec: TransferSpec,
  from: OpenedStore,
  places: Pick<BucketEnds, 'source' | 'sink' | 'kept'>,
  options: OpenEndsOptions,
): Promise<TransferEnds> {
  const { source, sink, kept } = places;
  const { limits, signal } = options;
  const announce: AnnounceStaged = (keys) => options.announce(sinkRootOf(sink), keys);
  const to = await openBucket(sink, { ...options, announce, role: 'sink', copiesAcls: kept.acl });
  try {
    if (source.kind === 'bucket' && spec.deletes !== 'nothing') {
      const opened = [
        { place: source, store: from.store },
        { place: sink, store: to.store },
      ] as const;
      await refuseOwnSource(...opened, { announce, cleanUpMaxMs: limits.cleanUpMaxMs, signal });
    }
    return closingBoth(newEnds(spec, { from, to, ...places }, options), from, to);
  } catch (error) {
    await to.close();
    throw error;
  }
}

function openSource(
  source: Place,
  spec: TransferSpec & { readonly copiesAcls: boolean },
  options: OpenEndsOptions,
): OpenedStore | Promise<OpenedStore> {
  if (source.kind === 'posix') return openDirectory(source, 'source', spec, options);
  if (source.kind === 'url-list') return openUrlList(source, options.egress, options);
  const { announce: _announce, ...rest } = options;
  return openBucket(source, { ...rest, role: 'source', copiesAcls: spec.copiesAcls });
}

/** What is read of the source is what the transfer moves: each byte counts once. */
function atPoolRate(opened: OpenedStore, { poolRate, clock, stores }: OpenEndsOptions): OpenedStore {
  if (poolRate === undefined) return opened;
  const rate = new ByteRate({ ...stores.storeCalls, clock, shared: poolRate });
  return { store: throttlingStore(opened.store, rate), close: () => opened.close() };
}

interface BucketEnds {
  readonly from: OpenedStore;
  readonly to: OpenedStore;
  readonly source: Place;
  readonly sink: BucketPlace;
  readonly kept: KeptMetadata;
}

function newEnds(
  { overwriteWhen }: TransferSpec,
  { from, to, source, sink, kept }: BucketEnds,
  { limits, word }: OpenEndsOptions,
): TransferEnds {
  return newObjectEnds({
    source: from.store,
    sink: to.store,
    ...urlsOf(source, sink),
    sinkRoot: sinkRootOf(sink),
    limits,
    word,
    overwriteWhen,
    kept,
  });
}

/** What names a bucket's place in journal entries. */
function sinkRootOf({ location }: BucketPlace): ByteString {
  return byteStringOf(remoteUrl(location));
}

function openDownload(
  spec: TransferSpec,
  from: OpenedStore,
  places: { readonly source: Place; readonly sink: PosixLocation },
  { limits: given, word, posixRoots }: OpenEndsOptions,
): TransferEnds {
  checkPlatform();
  const { metadata } = spec;
  const limits = durableEnough(given, spec);
  const place = checkPosixPlace(places.sink, 'sink', posixRoots);
  const sink = new PosixStore({ place, role: 'sink', makeMode: makeModeOf(metadata), limits, isStopped: stopOf(word) });
  const grainMs = sink.capabilities.modifyTimeGrainMs;
  const copier = new DownloadCopier({ source: from.store, sinkRoot: sink.root, grainMs, limits, metadata, word });
  return {
    source: from.store,
    sink,
    copier,
    ...urlsOf(places.source, places.sink),
    sinkRoot: byteStringOf(sink.path),
    close: async () => {
      await copier.close();
      await Promise.all([from.close(), sink.close()]);
    },
  };
}

function openDirectory(
  location: PosixLocation,
  role: 'source' | 'sink',
  { metadata }: TransferSpec,
  { limits, word, posixRoots }: OpenEndsOptions,
): OpenedStore {
  checkPlatform();
  const place = checkPosixPlace(location, role, posixRoots);
  const store = new PosixStore({
    place,
    role,
    makeMode: makeModeOf(metadata),
    limits,
    readsLinks: metadata.symlinks,
    isStopped: stopOf(word),
  });
  return { store, close: () => store.close() };
}

/** The stores are closed by who opened them, with their connections. */
function closingBoth(ends: TransferEnds, from: OpenedStore, to: OpenedStore): TransferEnds {
  return {
    ...ends,
    close: async () => {
      await ends.copier.close();
      await Promise.all([from.close(), to.close()]);
    },
  };
}

function urlsOf(source: Place, sink: Place): Pick<TransferEnds, 'sourceUrl' | 'sinkUrl'> {
  return { sourceUrl: urlOf(source), sinkUrl: urlOf(sink) };
}

/** Without a '/' at its end. */
function urlOf(place: Place): string {
  // The names of objects of a list are their URLs already, but for the scheme.
  if (place.kind === 'url-list') return new URL(place.listUrl).protocol.slice(0, -1) + ':/';
  const url = place.kind === 'posix' ? pathToFileURL(place.rootDirectory).href : remoteUrl(place.location);
  return url.endsWith('/') ? url.slice(0, -1) : url;
}

function stopOf(word: Int32Array): () => boolean {
  return () => Atomics.load(word, 0) === WORD.STOP;
}
