import { closeSync, fstatSync, type BigIntStats } from 'node:fs';
import { crc32c } from '@node-rs/crc32';
import type { LargeObject, SliceOutcome } from '../../transfers/copier.ts';
import { causeOf, withRetries, type CopyContext } from './copy-context.ts';
import { errnoOf } from './errno.ts';
import { directoryOf } from './file-path.ts';
import { changed, identified, isSameSource, openLarge, replaced, statIdentity } from './large-source.ts';
import { openStaging, verifyStaged } from './large-staging.ts';
import { readFull, reopenStaging, setModifyTime, statRegular, writeAndClose, writeFull } from './regular-file.ts';
import { isComplete, joinRanges, rangesOf, type RangeOutcome, type SliceRange } from './slice-ranges.ts';

/** A slice whose source and staging are as they should be: ranges of it may be copied side by side, in any threads. */
export interface SliceStart {
  readonly kind: 'ready';
  readonly object: LargeObject;
  /** Of the staging file: no other one may be written to. */
  readonly stagingInode: bigint;
}

type FailedSlice = Extract<SliceOutcome, { readonly kind: 'failed' | 'changed' }>;

/**
 * Stages up to sliceSizeBytes more of a large object, and sets its time with the last. Ends early, with what is whole, when the
 * word says anything but RUN.
 *
 * @param isChecked  the staged bytes are this process's own, of this life: where they are still there, their crc32c need not be
 *   read again.
 */
export function copySlice(context: CopyContext, object: LargeObject, isChecked: boolean): SliceOutcome {
  const start = beginSlice(context, object, isChecked);
  if (start.kind !== 'ready') return start;
  const ranges = rangesOf(start.object, context.limits, 1);
  const outcomes = ranges.map((range) => copyRange(context, start, range));
  const joined = joinRanges(start.object, ranges, outcomes);
  return isComplete(joined) ? endSlice(context, { ...start, object: joined.object }) : joined;
}

/** @param isChecked  see copySlice. */
export function beginSlice(context: CopyContext, object: LargeObject, isChecked: boolean): SliceStart | FailedSlice {
  return attempt(context, () =>
    withSource(context, object, (_source, stats) => {
      const begun = identified(object, stats);
      return writeAndClose(openStaging(context, object), (staging) => {
        // Less than was staged is another file: its directory was moved away, or somebody removed the one of before.
        const isOurs = isChecked && statRegular(staging).size >= object.stagedBytes;
        const start = isOurs ? begun : verifyStaged(context, staging, begun);
        return { kind: 'ready', object: start, stagingInode: inodeOf(staging) };
      });
    }),
  );
}

/** Stages one range of a slice that was begun. Ends early when the word says anything but RUN; `lost` when the staging is another file. */
export function copyRange(context: CopyContext, start: SliceStart, range: SliceRange): RangeOutcome {
  const { object } = start;
  return attempt(context, () =>
    withSource(context, object, (source) =>
      withStaging(context, start, (staging) => {
        const copied = copyChunks(context, { source, staging }, range);
        const after = statIdentity(source);
        // A source that ends before its size is no better than one that changed, and is given up in the same way.
        const isShort = copied.lengthBytes < range.lengthBytes && !context.isDraining();
        return isShort || !isSameSource(object, after) ? replaced(context, object, after) : copied;
      }),
    ),
  );
}

/** Sets the time of what is staged whole. */
export function endSlice(context: CopyContext, start: SliceStart): SliceOutcome {
  const { object } = start;
  const ended = attempt(context, () =>
    withSource(context, object, () =>
      withStaging(context, start, (staging) => {
        setModifyTime(staging, object.modifyTimeMs);
        return { kind: 'staged', object } as const;
      }),
    ),
  );
  return ended.kind === 'lost' ? joinRanges(object, [], [ended]) : ended;
}

function attempt<Outcome>(context: CopyContext, act: () => Outcome): Outcome | FailedSlice {
  try {
    return withRetries(context, act);
  } catch (error) {
    return { kind: 'failed', cause: causeOf(context, error, 'copy') };
  }
}

/** Opens the source, if it is still the object's. */
function withSource<Outcome>(
  context: CopyContext,
  object: LargeObject,
  act: (source: number, stats: BigIntStats) => Outcome,
): Outcome | FailedSlice {
  const source = openLarge(context, object);
  try {
    const stats = statIdentity(source);
    return isSameSource(object, stats) ? act(source, stats) : changed(object, stats);
  } finally {
    closeSync(source);
  }
}

/** Opens the staging file, if it is still there: one made here would have holes where other ranges were. */
function withStaging<Outcome>(
  context: CopyContext,
  { object, stagingInode }: SliceStart,
  act: (staging: number) => Outcome,
): Outcome | { readonly kind: 'lost' } {
  let file: number;
  try {
    file = reopenStaging(context.sink.open(directoryOf(object.key)), object.stagingName);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { kind: 'lost' };
    throw error;
  }
  return writeAndClose(file, (staging) => (inodeOf(staging) === stagingInode ? act(staging) : { kind: 'lost' }));
}

function inodeOf(file: number): bigint {
  return fstatSync(file, { bigint: true }).ino;
}

function copyChunks(
  context: CopyContext,
  { source, staging }: { readonly source: number; readonly staging: number },
  { offsetBytes, lengthBytes }: SliceRange,
): RangeOutcome & { readonly kind: 'copied' } {
  const { buffer, throttle } = context;
  let copiedBytes = 0;
  let crc = 0;
  while (copiedBytes < lengthBytes && !context.isDraining()) {
    const wanted = Math.min(buffer.length, lengthBytes - copiedBytes);
    throttle.takeBytes(wanted);
    if (context.isDraining()) break;
    const length = readFull(source, buffer, wanted, offsetBytes + copiedBytes);
    if (length < wanted) break;
    crc = crc32c(buffer.subarray(0, length), crc);
    writeFull(staging, buffer, length, offsetBytes + copiedBytes);
    copiedBytes += length;
  }
  return { kind: 'copied', lengthBytes: copiedBytes, crc32c: crc };
}
