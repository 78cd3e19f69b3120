import { closeSync } from 'node:fs';
import { crc32c } from '@node-rs/crc32';
import type { LargeObject, SliceOutcome } from '../../transfers/copier.ts';
import { causeOf, withRetries, type CopyContext } from './copy-context.ts';
import { changed, identified, isSameSource, openLarge, replaced, statIdentity } from './large-source.ts';
import { openStaging, verifyStaged } from './large-staging.ts';
import { readFull, setModifyTime, statRegular, writeAndClose, writeFull } from './regular-file.ts';

/**
 * Stages up to sliceSizeBytes more of a large object, and sets its time with the last. Ends early, with what is whole, when the
 * word says anything but RUN.
 *
 * @param isChecked  the staged bytes are this process's own, of this life: where they are still there, their crc32c need not be
 *   read again.
 */
export function copySlice(context: CopyContext, object: LargeObject, isChecked: boolean): SliceOutcome {
  try {
    return withRetries(context, () => copySliceOnce(context, object, isChecked));
  } catch (error) {
    return { kind: 'failed', cause: causeOf(context, error, 'copy') };
  }
}

function copySliceOnce(context: CopyContext, object: LargeObject, isChecked: boolean): SliceOutcome {
  const source = openLarge(context, object);
  try {
    const stats = statIdentity(source);
    if (!isSameSource(object, stats)) return changed(object, stats);
    const begun = identified(object, stats);
    return writeAndClose(openStaging(context, object), (staging) => {
      // Less than was staged is another file: its directory was moved away, or somebody removed the one of before.
      const isOurs = isChecked && statRegular(staging).size >= object.stagedBytes;
      return continueSlice(context, source, staging, isOurs ? begun : verifyStaged(context, staging, begun));
    });
  } finally {
    closeSync(source);
  }
}

function continueSlice(context: CopyContext, source: number, staging: number, object: LargeObject): SliceOutcome {
  const staged = copyChunks(context, source, staging, object);
  const after = statIdentity(source);
  // A source that ends before its size is no better than one that changed, and is given up in the same way.
  const isShort = staged.stagedBytes < sliceEnd(context, object) && !context.isDraining();
  if (isShort || !isSameSource(staged, after)) return replaced(context, object, after);
  if (staged.stagedBytes === staged.sizeBytes) setModifyTime(staging, staged.modifyTimeMs);
  return { kind: 'staged', object: staged };
}

function sliceEnd({ limits }: CopyContext, { sizeBytes, stagedBytes }: LargeObject): number {
  return Math.min(sizeBytes, stagedBytes + limits.sliceSizeBytes);
}

function copyChunks(context: CopyContext, source: number, staging: number, object: LargeObject): LargeObject {
  const { buffer, throttle } = context;
  const end = sliceEnd(context, object);
  let offset = object.stagedBytes;
  let crc = object.stagedCrc32c;
  while (offset < end && !context.isDraining()) {
    const wanted = Math.min(buffer.length, end - offset);
    throttle.takeBytes(wanted);
    if (context.isDraining()) break;
    const length = readFull(source, buffer, wanted, offset);
    if (length < wanted) break;
    crc = crc32c(buffer.subarray(0, length), crc);
    writeFull(staging, buffer, length, offset);
    offset += length;
  }
  return { ...object, stagedBytes: offset, stagedCrc32c: crc };
}
