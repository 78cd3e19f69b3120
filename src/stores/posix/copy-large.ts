import { closeSync, fstatSync, fsyncSync, ftruncateSync, lstatSync, type BigIntStats } from 'node:fs';
import { crc32c } from '@node-rs/crc32';
import { Code } from '../../core/code.ts';
import type { LargeObject, PublishOutcome, SliceOutcome, SourceIdentity } from '../../transfers/copier.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import type { FileAttributes } from '../../transfers/posix-metadata.ts';
import { causeOf, withRetries, type CopyContext } from './copy-context.ts';
import { publishObject } from './copy-group.ts';
import { errnoOf, ObjectError } from './errno.ts';
import { attributesOf, setAttributes } from './file-attributes.ts';
import { directoryOf, nameOf, pathIn } from './file-path.ts';
import { asNamedNow } from './source-changed.ts';
import {
  createStaging,
  openSource,
  readFull,
  removeName,
  reopenStaging,
  setModifyTime,
  statRegular,
  writeAndClose,
  writeFull,
} from './regular-file.ts';

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
  const source = openSource(context.source.open(directoryOf(object.key)), nameOf(object.key));
  try {
    const stats = statIdentity(source);
    if (!isSameSource(object, stats)) return changed(object, stats);
    const begun = { ...object, identity: identityOf(stats), attributes: bigAttributesOf(stats) };
    return writeAndClose(openStaging(context, object), (staging) => {
      // Less than was staged is another file: its directory was moved away, or somebody removed the one of before.
      const isOurs = isChecked && statRegular(staging).size >= object.stagedBytes;
      return continueSlice(context, source, staging, isOurs ? begun : verify(context, staging, begun));
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
  if (isShort || !isSameSource(staged, after)) return replaced(context, changed(object, after));
  if (staged.stagedBytes === staged.sizeBytes) setModifyTime(staging, staged.modifyTimeMs);
  return { kind: 'staged', object: staged };
}

/**
 * Makes the staging file of a large object, or checks what is in it: its bytes come from elsewhere. What has not the recorded crc32c
 * is begun anew.
 */
export function prepareLarge(context: CopyContext, object: LargeObject): SliceOutcome {
  try {
    return withRetries(context, () =>
      writeAndClose(openStaging(context, object), (staging) => ({
        kind: 'staged' as const,
        object: verify(context, staging, object),
      })),
    );
  } catch (error) {
    return { kind: 'failed', cause: causeOf(context, error, 'copy') };
  }
}

function openStaging(context: CopyContext, { key, stagingName }: LargeObject): number {
  const directory = context.sink.make(directoryOf(key));
  try {
    return reopenStaging(directory, stagingName);
  } catch (error) {
    // A crash just before it was published left it with the source's mode, which may be closed to us: it is begun anew.
    if (errnoOf(error) === 'EACCES') removeName(directory, stagingName);
    else if (errnoOf(error) !== 'ENOENT') throw error;
    return createStaging(directory, stagingName, context.metadata);
  }
}

/** What is staged and has the recorded crc32c is built upon; anything else is begun anew. */
function verify(context: CopyContext, staging: number, object: LargeObject): LargeObject {
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

function statIdentity(file: number): BigIntStats {
  const stats = fstatSync(file, { bigint: true });
  if (!stats.isFile()) statRegular(file);
  return stats;
}

function bigAttributesOf({ mode, uid, gid }: BigIntStats): FileAttributes {
  return attributesOf({ mode: Number(mode), uid: Number(uid), gid: Number(gid) });
}

function identityOf(stats: BigIntStats): SourceIdentity {
  return { inode: stats.ino, modifyTimeNs: stats.mtimeNs, changeTimeNs: stats.ctimeNs };
}

/** Before the first slice only what the walk saw can be compared: size and time. */
function isSameSource({ sizeBytes, modifyTimeMs, identity }: LargeObject, stats: BigIntStats): boolean {
  if (Number(stats.size) !== sizeBytes) return false;
  if (identity === undefined) return Math.abs(millis(stats) - modifyTimeMs) < 0.001;
  return (
    identity.inode === stats.ino && identity.modifyTimeNs === stats.mtimeNs && identity.changeTimeNs === stats.ctimeNs
  );
}

function replaced({ source }: CopyContext, { object }: ChangedSlice): ChangedSlice {
  return { kind: 'changed', object: asNamedNow(source, object) };
}

type ChangedSlice = Extract<SliceOutcome, { readonly kind: 'changed' }>;

function changed(object: LargeObject, stats: BigIntStats): ChangedSlice {
  const { key, stagingName } = object;
  return {
    kind: 'changed',
    object: {
      key,
      stagingName,
      sizeBytes: Number(stats.size),
      modifyTimeMs: millis(stats),
      stagedBytes: 0,
      stagedCrc32c: 0,
    },
  };
}

function millis(stats: BigIntStats): number {
  return Number(stats.mtimeNs / 1_000_000n) + Number(stats.mtimeNs % 1_000_000n) / 1e6;
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
