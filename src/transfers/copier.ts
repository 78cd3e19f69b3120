import type { ByteString } from './byte-string.ts';
import type { TransferLimits } from './limits.ts';
import type { FailureCause } from './object-failure.ts';
import type { UploadPart } from './object-uploads.ts';
import type { FileAttributes, PreservedMetadata } from './posix-metadata.ts';
import type { KeyRanges } from './selection/key-ranges.ts';
import type { DoomedObject, RemoveOutcome } from './removal.ts';

/** An object to be copied, as the walk saw its source. */
export interface PlannedObject {
  readonly key: ByteString;
  readonly sizeBytes: number;
  readonly modifyTimeMs: number;
  /** ObjectRecord.etag of the source where its listing tells it: this one is copied, or none. */
  readonly etag?: string;
  /**
   * What stands at the sink and is replaced: its etag where listings tell it; otherwise, where it may be equal, its
   * ListPage.versions, the only trace that a repeated copy of the same leaves. Absent: nothing, or nothing that has to be known.
   */
  readonly replaces?: number | string;
  /** It is a symbolic link with this target, which is stored and never resolved. */
  readonly linkTarget?: ByteString;
}

/** An object whose copy is whole, and has other attributes than its source. */
export interface AttributeUpdate {
  readonly key: ByteString;
  readonly sizeBytes: number;
  readonly modifyTimeMs: number;
  /** Of the source, as the walk saw them. */
  readonly attributes: FileAttributes;
  readonly isLink: boolean;
}

/** Where each object of a group stands. */
export const OBJECT_STATE = { UNTOUCHED: 0, STAGED: 1, PUBLISHED: 2, FAILED: 3, CHANGED: 4 } as const;

/**
 * Objects that are made visible together. Object i is staged under `stagingPrefix` + i in base 36, in its sink directory.
 *
 * The copier writes `states`, `failures` (by index) and, for CHANGED ones, `objects`: there the source's new size and time.
 */
export interface StagingGroup {
  readonly stagingPrefix: ByteString;
  readonly objects: PlannedObject[];
  readonly states: Uint8Array;
  readonly failures: Map<number, FailureCause>;
}

/** An object with what may be staged of it, as the journal names it. */
export interface StagedObject extends PlannedObject {
  /** Of its file, where the sink stages in files. */
  readonly stagingName: ByteString;
  /** Upload.id, where the sink stages in uploads; '' when one may have been begun and its id is not known. */
  readonly uploadId?: string;
}

/** A large object on its way. `stagedBytes` of it are in the staging file or the upload, with that crc32c. */
export interface LargeObject extends StagedObject {
  readonly stagedBytes: number;
  readonly stagedCrc32c: number;
  /** Which file the staged bytes are from; absent before the first slice. */
  readonly identity?: SourceIdentity;
  /** The source's, where they are to be preserved; absent before this attempt's first slice. */
  readonly attributes?: FileAttributes;
  /** Its staged bytes are a clone of the source's, and nobody has read them: only this life builds upon them. */
  readonly isCloned?: boolean;
  /** Of its upload, from the first on and without holes. */
  readonly parts?: readonly UploadPart[];
}

export interface SourceIdentity {
  readonly inode: bigint;
  readonly modifyTimeNs: bigint;
  readonly changeTimeNs: bigint;
}

export type SliceOutcome =
  /** An upload was begun, and nothing of it is staged: its id is to be journaled before anything is. */
  | { readonly kind: 'begun'; readonly object: LargeObject }
  /** More is staged; it is complete when `stagedBytes` is `sizeBytes`. */
  | { readonly kind: 'staged'; readonly object: LargeObject }
  /** The source is another one now; nothing of it is staged. */
  | { readonly kind: 'changed'; readonly object: LargeObject }
  /** It was copied whole, in one step: nothing is left to be published. */
  | { readonly kind: 'published' }
  | { readonly kind: 'failed'; readonly cause: FailureCause };

export type PublishOutcome =
  | { readonly kind: 'published' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly cause: FailureCause };

export interface CopierOptions {
  readonly limits: TransferLimits;
  readonly metadata: PreservedMetadata;
  /** See ThreadTaskContext: everything the copier does stops soon after it says STOP. */
  readonly word: Int32Array;
  /** The rate of the agent pool whose work it is, in memory that its transfers share: a ByteRate's. */
  readonly poolRate?: SharedArrayBuffer;
}

/**
 * Moves objects between two stores in two steps, so that a crash between them can be told apart: staged, which nobody sees, and
 * published, whole and under the final name.
 *
 * No method rejects because of one object. After STOP, or stop(), all of them resolve soon with what they have done by then.
 */
export interface Copier {
  /** Large objects are staged in uploads, not in files. */
  readonly hasUploads: boolean;
  /** Stages the UNTOUCHED objects of a group. With a durability other than `batch` it may publish them, too. */
  stage(group: StagingGroup): Promise<void>;
  /** Publishes the STAGED objects of a group, as durably as the limits say. */
  publish(group: StagingGroup): Promise<void>;
  /**
   * Gives copies the attributes of their sources, in place, as durably as the limits say. Safe to repeat.
   * @returns the failures, by index. After STOP those behind may not be done.
   */
  updateAttributes(updates: readonly AttributeUpdate[]): Promise<ReadonlyMap<number, FailureCause>>;
  /**
   * Makes the source's directories at the sink, empty ones too, and gives all of them the attributes of their sources, the root
   * last. Safe to repeat. After STOP, stop() and SUSPEND it may have done a part.
   *
   * @param ranges  makes only directories whose keys belong to them; those on the way get attributes where they are there.
   */
  copyDirectories(onFailure: (key: ByteString, cause: FailureCause) => void, ranges?: KeyRanges): Promise<void>;
  /**
   * Removes objects of one side, each only while it is the one that was listed, as durably as the limits say. Safe to repeat.
   *
   * @returns what became of each, by index; undefined for those that a STOP came before.
   */
  remove(side: 'source' | 'sink', objects: readonly DoomedObject[]): Promise<readonly (RemoveOutcome | undefined)[]>;
  /** Whether nothing is at its key, of whatever sort. Works after STOP. */
  isRemoved(side: 'source' | 'sink', object: DoomedObject): Promise<boolean>;
  /** Removes what is STAGED; those objects are UNTOUCHED then. Works after STOP. Answers how many could not be removed. */
  discard(group: StagingGroup): Promise<number>;
  /** Stages up to `sliceSizeBytes` more of a large object, after checking what it builds upon; with SUSPEND it may do neither. */
  stageSlice(object: LargeObject): Promise<SliceOutcome>;
  publishLarge(object: LargeObject): Promise<PublishOutcome>;
  /** Removes one staging, if it is there. Works after STOP, and never rejects. false when it could not be removed. */
  discardOne(object: StagedObject): Promise<boolean>;
  /**
   * Whether an earlier attempt published this object: it is not staged any more, and the sink holds one of that size and time
   * that is not the one it was to replace. Works after STOP.
   * @throws StatusError when the sink does not say.
   */
  isPublished(object: StagedObject): Promise<boolean>;
  /** Makes durable what a stop left published. Works after STOP, and gives up soon: interruptSyncWaitMaxMs. */
  syncPublished(keys: Iterable<ByteString>): Promise<void>;
  /** Drops what is queued and abandons syncs: the transfer was interrupted, or has failed as a whole. */
  stop(): void;
  /** Everything has stopped when it resolves, except syncs that were abandoned. */
  close(): Promise<void>;
}
