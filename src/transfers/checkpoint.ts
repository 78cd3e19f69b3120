import type { TransferProgress } from './progress.ts';

/** A large object that was begun and has left the cursor behind it: bounded in number, each with its staging. */
export interface PendingObject {
  /** Key bytes, relative to the root. */
  readonly key: Uint8Array;
  readonly sizeBytes: number;
  /** The source's modification time as the walk saw it: milliseconds with a fraction, as in ObjectRecord. */
  readonly modifyTimeMs: number;
  /** The source's identity when it was begun, all 0 before that; staged bytes of another identity are worthless. */
  readonly modifyTimeNs: bigint;
  readonly changeTimeNs: bigint;
  readonly inode: bigint;
  /** Name of its temporary file in the sink's directory of the key. */
  readonly stagingName: string;
  /** Bytes staged so far, and their crc32c: checked against the file before they are built upon. */
  readonly stagedBytes: number;
  readonly stagedCrc32c: number;
  /** See PlannedObject; between stores that have etags. */
  readonly sourceEtag?: string;
  readonly replacedEtag?: string;
  /** See StagedObject; where the sink stages in uploads. */
  readonly uploadId?: string;
  /** What is staged in that upload, in order and without holes. */
  readonly parts?: readonly PendingPart[];
}

/** UploadPart; its index is its place, its offset the end of the one before. */
export interface PendingPart {
  readonly sizeBytes: number;
  readonly crc32c: number;
  readonly etag: string;
}

/**
 * What the next attempt of a transfer starts from, saved in one transaction with the journal entries it settles.
 *
 * Every key up to and including `cursor` has been decided and is counted in `progress`, except those in `pending`, which are
 * counted as found only.
 */
export interface TransferCheckpoint {
  /** Key bytes in the order of the walk; absent before the first commit. */
  readonly cursor?: Uint8Array;
  readonly progress: TransferProgress;
  readonly pending: readonly PendingObject[];
}
