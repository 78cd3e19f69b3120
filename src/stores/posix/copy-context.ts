import { Code } from '../../core/code.ts';
import { WORD } from '../../operations/task.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import type { PreservedMetadata } from '../../transfers/posix-metadata.ts';
import { DirectoryTree } from './directory-tree.ts';
import { failureOf, isTransient } from './errno.ts';
import { makeModeOf } from './file-attributes.ts';
import { Reflinks } from './reflink.ts';
import { Throttle } from './throttle.ts';

/** What a copy thread is started with; descriptors are those of the process. */
export interface CopyThreadData {
  readonly sourceRoot: number;
  readonly sinkRoot: number;
  /** See ThreadTaskContext. */
  readonly word: Int32Array;
  /** Set to 1 when the transfer has failed as a whole. */
  readonly halt: Int32Array;
  readonly throttle: SharedArrayBuffer;
  /** See CopierOptions. */
  readonly poolRate?: SharedArrayBuffer;
  readonly limits: TransferLimits;
  readonly metadata: PreservedMetadata;
}

/** What the copying functions of one thread share. */
export interface CopyContext {
  readonly source: DirectoryTree;
  readonly sink: DirectoryTree;
  readonly throttle: Throttle;
  readonly limits: TransferLimits;
  readonly metadata: PreservedMetadata;
  readonly reflinks: Reflinks;
  /** One chunk. */
  readonly buffer: Buffer;
  readonly isStopped: () => boolean;
  readonly isDraining: () => boolean;
  /** Waits before another try of a call; returns early on STOP. */
  readonly pause: (ms: number) => void;
}

export function newCopyContext(data: CopyThreadData): CopyContext {
  const { word, halt, limits, metadata, poolRate } = data;
  const isStopped = (): boolean => Atomics.load(word, 0) === WORD.STOP || Atomics.load(halt, 0) !== 0;
  const cells = { shared: data.throttle, ...(poolRate === undefined ? {} : { poolRate }) };
  return {
    source: new DirectoryTree(data.sourceRoot, limits.directoryDescriptorCountMax),
    sink: sinkTree(data),
    throttle: new Throttle(cells, limits, { word, isStopped }),
    limits,
    metadata,
    reflinks: new Reflinks(),
    buffer: Buffer.allocUnsafeSlow(limits.chunkSizeBytes),
    isStopped,
    isDraining: () => isStopped() || Atomics.load(word, 0) !== WORD.RUN,
    pause: (ms) => void Atomics.wait(word, 0, Atomics.load(word, 0), ms),
  };
}

/**
 * failureOf an object, or of the whole transfer where one of the roots has gone: all that is left would fail like it.
 *
 * @param doing  see failureOf. @param side  likewise.
 */
export function causeOf(
  context: CopyContext,
  error: unknown,
  doing: string,
  side: 'source' | 'sink' = 'sink',
): FailureCause {
  const cause = failureOf(error, doing, side);
  if (cause.code !== Code.NOT_FOUND) return cause;
  const gone = (['source', 'sink'] as const).find((side) => context[side].isRootRemoved);
  if (gone === undefined) return cause;
  return {
    ...cause,
    detail: `${doing}: the ${gone} directory was removed while the transfer was running`,
    fatal: gone,
  };
}

export function sinkTree({
  sinkRoot,
  limits,
  metadata,
}: Pick<CopyThreadData, 'sinkRoot' | 'limits' | 'metadata'>): DirectoryTree {
  return new DirectoryTree(sinkRoot, limits.directoryDescriptorCountMax, makeModeOf(metadata));
}

/** Thrown out of a chunk loop by STOP; the staging is removed on the way. */
export class CopyStopped extends Error {
  override readonly name = 'CopyStopped';
}

/** Runs it again after a transient error, a bounded number of times; it must leave nothing behind when it throws. */
export function withRetries<T>(context: CopyContext, run: () => T): T {
  const { transientTryCountMax, transientDelayMs } = context.limits;
  for (let tryCount = 1; ; tryCount += 1) {
    try {
      return run();
    } catch (error) {
      if (tryCount >= transientTryCountMax || !isTransient(error) || context.isStopped()) throw error;
      context.source.clear();
      context.sink.clear();
      context.pause(transientDelayMs * tryCount);
    }
  }
}
