import { fsyncSync } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import { OBJECT_STATE } from '../../transfers/copier.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import type { ObjectMetadata } from '../../transfers/object-metadata.ts';
import { stagingName } from '../../transfers/staging-name.ts';
import { causeOf, withRetries, type CopyContext } from './copy-context.ts';
import { isDirectoryElsewhere, publishObject } from './copy-group.ts';
import { directoryOf, withAncestors } from './file-path.ts';
import { createStaging, removeName, setModifyTime, writeAndClose, writeFull } from './regular-file.ts';
import { restoreAttributes } from './restore-attributes.ts';
import { syncEach } from './sync-directories.ts';

/** A small object that has come whole, and is not at the sink yet. */
export interface ReceivedFile {
  /** In its group. */
  readonly index: number;
  readonly key: ByteString;
  /** Of its content in the batch's bytes. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly modifyTimeMs: number;
  /** Where something of it is to be restored. */
  readonly metadata?: ObjectMetadata;
}

/** Small objects of one group, as they travel to the thread that writes them: their bytes are moved, not copied. */
export interface ReceivedBatch {
  readonly stagingPrefix: ByteString;
  readonly files: readonly ReceivedFile[];
  readonly bytes: Buffer<ArrayBuffer>;
}

export interface ReceivedOutcome {
  /** Of each that was begun, in their order. Those behind a stop are missing. */
  readonly states: readonly number[];
  /** By place in the batch. */
  readonly failures: readonly { readonly place: number; readonly cause: FailureCause }[];
  /** See CopyBatchOutcome. */
  readonly isElsewhere: boolean;
}

/** Stages the files of a batch; publishes them at once where nothing waits for a sync. */
export function receiveFiles(context: CopyContext, batch: ReceivedBatch): ReceivedOutcome {
  const { durability } = context.limits;
  const states: number[] = [];
  const failures: { place: number; cause: FailureCause }[] = [];
  const directories = new Set<ByteString>();
  // A view of ours: what came from another thread is a plain Uint8Array.
  const bytes = Buffer.from(batch.bytes.buffer);
  for (const [place, file] of batch.files.entries()) {
    if (context.isStopped()) break;
    try {
      states.push(receiveFile(context, file, { staging: stagingName(batch.stagingPrefix, file.index), bytes }));
      directories.add(directoryOf(file.key));
    } catch (error) {
      states.push(OBJECT_STATE.FAILED);
      failures.push({ place, cause: causeOf(context, error, 'copy') });
    }
  }
  if (durability === 'file') syncEach(context, [], withAncestors([...directories]));
  const isElsewhere = durability === 'batch' && [...directories].some((key) => isDirectoryElsewhere(context, key));
  return { states, failures, isElsewhere };
}

interface Content {
  readonly staging: ByteString;
  readonly bytes: Buffer;
}

/** Leaves nothing when it throws. */
function receiveFile(context: CopyContext, file: ReceivedFile, content: Content): number {
  withRetries(context, () => {
    stageFile(context, file, content);
  });
  if (context.limits.durability === 'batch') return OBJECT_STATE.STAGED;
  try {
    publishObject(context, file.key, content.staging);
    return OBJECT_STATE.PUBLISHED;
  } catch (error) {
    removeName(context.sink.open(directoryOf(file.key)), content.staging);
    throw error;
  }
}

function stageFile(context: CopyContext, file: ReceivedFile, { staging, bytes }: Content): void {
  const { sink, limits, metadata } = context;
  const { offsetBytes, sizeBytes } = file;
  const directory = sink.make(directoryOf(file.key));
  const descriptor = createStaging(directory, staging, metadata);
  try {
    writeAndClose(descriptor, () => {
      writeFull(descriptor, bytes.subarray(offsetBytes, offsetBytes + sizeBytes), sizeBytes, 0);
      setModifyTime(descriptor, file.modifyTimeMs);
      restoreAttributes(descriptor, file.metadata, metadata);
      if (limits.durability === 'file') fsyncSync(descriptor);
    });
  } catch (error) {
    removeName(directory, staging);
    throw error;
  }
}
