import { closeSync, fsyncSync, renameSync, type Stats } from 'node:fs';
import { crc32c } from '@node-rs/crc32';
import { OBJECT_STATE, type PlannedObject } from '../../transfers/copier.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import { stagingName } from '../../transfers/staging-name.ts';
import { causeOf, CopyStopped, withRetries, type CopyContext } from './copy-context.ts';
import { errnoOf } from './errno.ts';
import { directoryOf, nameOf, pathIn, withAncestors } from './file-path.ts';
import { attributesOf, setAttributes } from './file-attributes.ts';
import { asNamedNow, SourceChanged } from './source-changed.ts';
import { stageLink } from './symbolic-link.ts';
import { syncEach } from './sync-directories.ts';
import {
  createStaging,
  isUnchanged,
  openSource,
  readFull,
  removeName,
  setModifyTime,
  statRegular,
  writeAndClose,
  writeFull,
} from './regular-file.ts';
import { present } from '../../transfers/present.ts';

/** A part of a group, as it travels between threads. Object i of it has index `firstIndex` + i in its group. */
export interface CopyBatch {
  readonly stagingPrefix: ByteString;
  readonly firstIndex: number;
  readonly objects: readonly PlannedObject[];
  readonly states: Uint8Array;
}

export interface CopyBatchOutcome {
  readonly states: Uint8Array;
  readonly failures: readonly { readonly index: number; readonly cause: FailureCause }[];
  /** The sources that CHANGED, as they are now. */
  readonly changed: readonly { readonly index: number; readonly object: PlannedObject }[];
  /** Those of the objects that were acted upon. */
  readonly directories: readonly ByteString[];
  /** Some of them are of another file system than the sink's root: a sync of that one says nothing of them. */
  readonly isElsewhere: boolean;
}

/** Stages the UNTOUCHED objects of a batch; publishes them at once where nothing waits for a sync. */
export function copyBatch(context: CopyContext, batch: CopyBatch): CopyBatchOutcome {
  const { durability } = context.limits;
  const outcome = forEachObject(context, batch, OBJECT_STATE.UNTOUCHED, (object, staging) => {
    context.throttle.takeObject();
    withRetries(context, () => {
      if (object.linkTarget === undefined) stageObject(context, object, staging);
      else stageLink(context, object, staging);
    });
    if (durability === 'batch') return OBJECT_STATE.STAGED;
    publishObject(context, object.key, staging);
    return OBJECT_STATE.PUBLISHED;
  });
  if (durability !== 'batch') return outcome;
  return { ...outcome, isElsewhere: outcome.directories.some((directory) => isDirectoryElsewhere(context, directory)) };
}

/** Renames the STAGED objects of a batch into place. */
export function publishBatch(context: CopyContext, batch: CopyBatch): CopyBatchOutcome {
  return forEachObject(context, batch, OBJECT_STATE.STAGED, (object, staging) => {
    publishObject(context, object.key, staging);
    return OBJECT_STATE.PUBLISHED;
  });
}

function forEachObject(
  context: CopyContext,
  batch: CopyBatch,
  state: number,
  act: (object: PlannedObject, staging: ByteString) => number,
): CopyBatchOutcome {
  const outcome = { states: Uint8Array.from(batch.states), failures: [], changed: [], directories: [] };
  const draft = { ...outcome, isElsewhere: false } as MutableOutcome;
  for (const [index, object] of batch.objects.entries()) {
    if (draft.states[index] !== state) continue;
    if (context.isStopped()) break;
    try {
      const staging = stagingName(batch.stagingPrefix, batch.firstIndex + index);
      draft.states[index] = act(object, staging);
      noteDirectory(draft.directories, directoryOf(object.key));
    } catch (error) {
      if (error instanceof CopyStopped) break;
      noteFailure(context, batch, draft, { index, error });
    }
  }
  if (context.limits.durability === 'file') syncEach(context, [], withAncestors(draft.directories));
  return draft;
}

interface MutableOutcome {
  readonly states: Uint8Array;
  readonly failures: { index: number; cause: FailureCause }[];
  readonly changed: { index: number; object: PlannedObject }[];
  readonly directories: ByteString[];
  readonly isElsewhere: boolean;
}

function noteDirectory(directories: ByteString[], key: ByteString): void {
  if (directories.at(-1) !== key) directories.push(key);
}

/** Of another file system than the sink's root. Where that cannot be told any more, files are synced one by one, too. */
export function isDirectoryElsewhere({ sink }: CopyContext, directory: ByteString): boolean {
  try {
    return sink.isElsewhere(directory);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return true;
  }
}

function noteFailure(
  context: CopyContext,
  batch: CopyBatch,
  draft: MutableOutcome,
  { index, error }: { index: number; error: unknown },
): void {
  if (error instanceof SourceChanged) {
    draft.states[index] = OBJECT_STATE.CHANGED;
    draft.changed.push({ index, object: asNamedNow(context.source, error.object) });
    return;
  }
  const { key } = present(batch.objects[index]);
  removeStaging(context, key, stagingName(batch.stagingPrefix, batch.firstIndex + index));
  draft.states[index] = OBJECT_STATE.FAILED;
  draft.failures.push({ index, cause: causeOf(context, error, 'copy') });
}

/** What failed between staging and publishing; that its directory is in the way, too, is the failure already noted. */
function removeStaging(context: CopyContext, key: ByteString, staging: ByteString): void {
  try {
    removeName(context.sink.open(directoryOf(key)), staging);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

/** The whole of a small object into its staging file, with its time and attributes; leaves nothing when it throws. */
function stageObject(context: CopyContext, object: PlannedObject, staging: ByteString): void {
  const source = openSource(context.source.open(directoryOf(object.key)), nameOf(object.key));
  try {
    const before = statRegular(source);
    if (before.size !== object.sizeBytes || before.mtimeMs !== object.modifyTimeMs) {
      throw new SourceChanged({ ...object, sizeBytes: before.size, modifyTimeMs: before.mtimeMs });
    }
    const directory = context.sink.make(directoryOf(object.key));
    const file = createStaging(directory, staging, context.metadata);
    try {
      writeAndClose(file, () => {
        copyBytes(context, source, file, object);
        setModifyTime(file, object.modifyTimeMs);
        setAttributes(file, attributesOf(before), context.metadata);
        if (context.limits.durability === 'file') fsyncSync(file);
      });
      checkUnchanged(source, before, object);
    } catch (error) {
      removeName(directory, staging);
      throw error;
    }
  } finally {
    closeSync(source);
  }
}

function checkUnchanged(source: number, before: Stats, object: PlannedObject): void {
  const after = statRegular(source);
  if (isUnchanged(before, after)) return;
  throw new SourceChanged({ ...object, sizeBytes: after.size, modifyTimeMs: after.mtimeMs });
}

/** @returns the crc32c of what was read, which is what was written. */
function copyBytes(context: CopyContext, source: number, file: number, object: PlannedObject): number {
  const { buffer, throttle } = context;
  let crc = 0;
  for (let offset = 0; offset < object.sizeBytes;) {
    if (context.isStopped()) throw new CopyStopped();
    const wanted = Math.min(buffer.length, object.sizeBytes - offset);
    throttle.takeBytes(wanted);
    const length = readFull(source, buffer, wanted, offset);
    crc = crc32c(buffer.subarray(0, length), crc);
    writeFull(file, buffer, length, offset);
    offset += length;
    if (length < wanted) throw new SourceChanged({ ...object, sizeBytes: offset });
  }
  return crc;
}

/** Gives a complete staging file its final name; what was there before is gone in the same instant. */
export function publishObject(context: CopyContext, key: ByteString, staging: ByteString): void {
  const directory = context.sink.open(directoryOf(key));
  renameSync(pathIn(directory, staging), pathIn(directory, nameOf(key)));
  if (context.limits.durability === 'file') fsyncSync(directory);
}
