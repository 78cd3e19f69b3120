import { closeSync, fsyncSync, ftruncateSync, lstatSync } from 'node:fs';
import { crc32c } from '@node-rs/crc32';
import { Code } from '../../core/code.ts';
import type { LargeObject, PublishOutcome, SliceOutcome } from '../../transfers/copier.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import { causeOf, withRetries, type CopyContext } from './copy-context.ts';
import { publishObject } from './copy-group.ts';
import { errnoOf, ObjectError } from './errno.ts';
import { setAttributes } from './file-attributes.ts';
import { directoryOf, pathIn } from './file-path.ts';
import { createStaging, readFull, removeName, reopenStaging, writeAndClose } from './regular-file.ts';

/**
 * Makes the staging file of a large object, or checks what is in it: its bytes come from elsewhere. What has not the recorded crc32c
 * is begun anew.
 */
export function prepareLarge(context: CopyContext, object: LargeObject): SliceOutcome {
  try {
    return withRetries(context, () =>
      writeAndClose(openStaging(context, object), (staging) => ({
        kind: 'staged' as const,
        object: verifyStaged(context, staging, object),
      })),
    );
  } catch (error) {
    return { kind: 'failed', cause: causeOf(context, error, 'copy') };
  }
}

/**
 * For reading and writing; makes it, and its directory, where there is none. Where nothing is to be built upon it is a new file: a
 * child that is still cloning into the old one, and outlives the process that asked for it, must not reach this one.
 */
export function openStaging(context: CopyContext, { key, stagingName, stagedBytes }: LargeObject): number {
  const directory = context.sink.make(directoryOf(key));
  try {
    if (stagedBytes === 0) removeName(directory, stagingName);
    return reopenStaging(directory, stagingName);
  } catch (error) {
    // A crash just before it was published left it with the source's mode, which may be closed to us: it is begun anew.
    if (errnoOf(error) === 'EACCES') removeName(directory, stagingName);
    else if (errnoOf(error) !== 'ENOENT') throw error;
    return createStaging(directory, stagingName, context.metadata);
  }
}

/** What is staged and has the recorded crc32c is built upon; anything else is begun anew. */
export function verifyStaged(context: CopyContext, staging: number, object: LargeObject): LargeObject {
  let crc = 0;
  let offset = 0;
  while (offset < object.stagedBytes && !context.isDraining()) {
    const length = readFull(
      staging,
      context.buffer,
      Math.min(context.buffer.length, object.stagedBytes - offset),
      offset,
    );
    if (length === 0) break;
    crc = crc32c(context.buffer.subarray(0, length), crc);
    offset += length;
  }
  // Ended before it was sure: nothing is copied or published now, and the next attempt checks again.
  if (context.isDraining()) return object;
  const isGood = offset === object.stagedBytes && crc === object.stagedCrc32c;
  const start = isGood ? object : { ...object, stagedBytes: 0, stagedCrc32c: 0 };
  ftruncateSync(staging, start.stagedBytes);
  return start;
}

/**
 * Sets the attributes of a complete staging file and syncs it by itself: other files' dirty pages are not its business.
 *
 * @returns why it could not be.
 */
export function syncLarge(context: CopyContext, object: LargeObject): FailureCause | undefined {
  if (context.isStopped()) return undefined;
  try {
    finishStaging(context, object, fsyncSync);
    return undefined;
  } catch (error) {
    return causeOf(context, error, 'sync');
  }
}

/** Publishes a complete staging file, which is synced where the limits ask for that. */
export function publishLarge(context: CopyContext, object: LargeObject): PublishOutcome {
  if (context.isStopped()) return { kind: 'interrupted' };
  try {
    if (context.limits.durability === 'none') finishStaging(context, object);
    checkStaged(context, object);
    publishObject(context, object.key, object.stagingName);
    return { kind: 'published' };
  } catch (error) {
    return { kind: 'failed', cause: causeOf(context, error, 'publish') };
  }
}

/** With the source's attributes it may not be ours to open any more: nothing opens it after this. */
function finishStaging(
  { sink, metadata }: CopyContext,
  { key, stagingName, attributes }: LargeObject,
  sync?: (file: number) => void,
): void {
  const file = reopenStaging(sink.open(directoryOf(key)), stagingName);
  try {
    if (attributes !== undefined) setAttributes(file, attributes, metadata);
    sync?.(file);
  } finally {
    closeSync(file);
  }
}

/** Somebody else's hand in our staging must not be published. */
function checkStaged({ sink }: CopyContext, { key, stagingName, sizeBytes }: LargeObject): void {
  const found = lstatSync(pathIn(sink.open(directoryOf(key)), stagingName));
  if (found.isFile() && found.size === sizeBytes) return;
  throw new ObjectError({ code: Code.DATA_LOSS, detail: 'publish: the staged file is not what was staged any more' });
}
