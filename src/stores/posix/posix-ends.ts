import { fstatSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { invalidArgument } from '../../core/status-error.ts';
import { WORD } from '../../operations/task.ts';
import { byteStringOf } from '../../transfers/byte-string.ts';
import type { Copier } from '../../transfers/copier.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { TransferSpec } from '../../transfers/spec.ts';
import type { TransferEnds } from '../../transfers/transfer-environment.ts';
import { makeModeOf } from './file-attributes.ts';
import { PosixStore } from './posix-store.ts';
import { checkPlatform, checkPosixSpec, type PosixEnds, type PosixRoot } from './roots.ts';

export interface PosixEndsOptions {
  /** As resolvePosixRoots() answered them. */
  readonly posixRoots: readonly PosixRoot[];
  readonly limits: TransferLimits;
  /** See ThreadTaskContext. */
  readonly word: Int32Array;
  /** See CopierOptions. */
  readonly poolRate?: SharedArrayBuffer;
}

/**
 * Opens both directory trees of a transfer, and the threads that copy between them.
 *
 * @throws StatusError, see checkPosixSpec and openPlace.
 */
export async function openPosixEnds(
  spec: PosixEnds & Pick<TransferSpec, 'metadata' | 'deletes'>,
  options: PosixEndsOptions,
): Promise<TransferEnds> {
  checkPlatform();
  const { word, posixRoots, poolRate } = options;
  const limits = durableEnough(options.limits, spec);
  const places = checkPosixSpec(spec, posixRoots);
  const isStopped = (): boolean => Atomics.load(word, 0) === WORD.STOP;
  const source = new PosixStore({ place: places.source, role: 'source', limits, isStopped });
  let sink: PosixStore | undefined;
  try {
    sink = new PosixStore({ place: places.sink, role: 'sink', makeMode: makeModeOf(spec.metadata), limits, isStopped });
    checkDistinct(source, sink);
    const rate = poolRate === undefined ? {} : { poolRate };
    return newEnds(source, sink, sink.copierFrom(source, { limits, word, metadata: spec.metadata, ...rate }));
  } catch (error) {
    await source.close();
    await sink?.close();
    throw error;
  }
}

/** A source is removed only when its copy survives a power cut, whatever else need not. */
export function durableEnough(limits: TransferLimits, { deletes }: Pick<TransferSpec, 'deletes'>): TransferLimits {
  return deletes === 'from-source' && limits.durability === 'none' ? { ...limits, durability: 'batch' } : limits;
}

/** The same directory under two paths, by a bind mount. */
function checkDistinct(source: PosixStore, sink: PosixStore): void {
  const a = fstatSync(source.root, { bigint: true });
  const b = fstatSync(sink.root, { bigint: true });
  if (a.dev !== b.dev || a.ino !== b.ino) return;
  const field = 'transfer_job.transfer_spec.posix_data_sink.root_directory';
  throw invalidArgument(field, 'it is the source itself', { reason: 'SINK_WITHIN_SOURCE' });
}

function newEnds(source: PosixStore, sink: PosixStore, copier: Copier): TransferEnds {
  return {
    source,
    sink,
    copier,
    sourceUrl: urlOf(source.path),
    sinkUrl: urlOf(sink.path),
    sinkRoot: byteStringOf(sink.path),
    close: async () => {
      await copier.close();
      await Promise.all([source.close(), sink.close()]);
    },
  };
}

function urlOf(path: string): string {
  const { href } = pathToFileURL(path);
  return href.endsWith('/') ? href.slice(0, -1) : href;
}
