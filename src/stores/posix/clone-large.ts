import { closeSync, fdatasyncSync } from 'node:fs';
import type { LargeObject, SliceOutcome } from '../../transfers/copier.ts';
import { causeOf, withRetries, type CopyContext } from './copy-context.ts';
import { errnoOf } from './errno.ts';
import { changed, identified, isSameSource, openLarge, replaced, statIdentity } from './large-source.ts';
import { openStaging } from './large-staging.ts';
import { setModifyTime, writeAndClose } from './regular-file.ts';

/**
 * Writes back what of a source is only in memory, where a clone of it is worth a try. A clone would do so itself, with both files
 * locked, so that not even a removal of the staging could come between; this changes nothing, and nobody has to wait for its end.
 *
 * @returns whether to try the clone; false, too, where the source cannot be opened or written back: copying it tells why.
 */
export function flushSource(context: CopyContext, object: LargeObject): boolean {
  try {
    const source = openLarge(context, object);
    try {
      if (!context.reflinks.mayClone(source, context.sink.open(''))) return false;
      fdatasyncSync(source);
      return true;
    } finally {
      closeSync(source);
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

/**
 * Stages the whole of a large object as a clone, and sets its time: its blocks are the source's own until one of the two changes.
 *
 * @returns undefined where the file systems refuse; it is to be copied then. Nothing is staged once the word says anything but RUN.
 */
export function cloneLarge(context: CopyContext, object: LargeObject): SliceOutcome | undefined {
  if (context.isDraining()) return { kind: 'staged', object };
  try {
    return withRetries(context, () => cloneOnce(context, object));
  } catch (error) {
    return { kind: 'failed', cause: causeOf(context, error, 'copy') };
  }
}

function cloneOnce(context: CopyContext, object: LargeObject): SliceOutcome | undefined {
  const source = openLarge(context, object);
  try {
    const stats = statIdentity(source);
    if (!isSameSource(object, stats)) return changed(object, stats);
    const begun = identified(object, stats);
    return writeAndClose(openStaging(context, object), (staging) => {
      if (!context.reflinks.clone(source, staging)) return undefined;
      const after = statIdentity(source);
      if (!isSameSource(begun, after)) return replaced(context, begun, after);
      setModifyTime(staging, begun.modifyTimeMs);
      return { kind: 'staged', object: { ...begun, stagedBytes: begun.sizeBytes, isCloned: true } };
    });
  } finally {
    closeSync(source);
  }
}
