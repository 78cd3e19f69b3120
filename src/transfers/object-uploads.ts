import type { ByteString } from './byte-string.ts';
import type { ObjectMetadata } from './object-metadata.ts';
import type { ObjectRecord, WritePrecondition } from './object-record.ts';

/** What parts of one object may be. Sizes are bytes. */
export interface UploadRules {
  /** Of every part but the last. */
  readonly partSizeBytesMin: number;
  readonly partSizeBytesMax: number;
  /** Every part but the last is a multiple of it; 1 where any size will do. */
  readonly partSizeGrainBytes: number;
  readonly partCountMax: number;
  /** Parts must come one after the other, each at the offset where the last one ended: no two at a time. */
  readonly isSequential: boolean;
}

/** An upload that was begun and neither completed nor aborted: nobody sees its bytes. */
export interface Upload {
  readonly key: ByteString;
  /** The store's own name for it: an UploadId, a session's URI. Enough, with the key, to go on with it in another process. */
  readonly id: string;
  /** When the store says that it was begun; milliseconds since the epoch. */
  readonly beginTimeMs?: number;
}

export interface UploadPart {
  /** From 0, without holes when completed. */
  readonly index: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly crc32c: number;
  /** What the store answered for it, and asks back to complete. */
  readonly etag: string;
}

export interface PartToPut {
  readonly index: number;
  readonly offsetBytes: number;
  /** The store's until putPart() settles. */
  readonly bytes: Uint8Array;
  /** Of what the bytes should be, as their source told them; a store that checks it refuses others. Absent: of the bytes as they are. */
  readonly crc32c?: number;
}

export interface BeginUploadOptions {
  readonly modifyTimeMs: number;
  /** Of the whole object. */
  readonly sizeBytes: number;
  readonly metadata?: ObjectMetadata;
  readonly precondition?: WritePrecondition;
  readonly signal: AbortSignal;
}

export interface CompleteUploadOptions {
  /** Of the whole object; checked by the store where it can, against what it answers otherwise. */
  readonly crc32c?: number;
  readonly precondition?: WritePrecondition;
  readonly signal: AbortSignal;
}

/**
 * Large objects in parts, visible only when completed.
 *
 * Methods reject with StatusError; after an abort with `signal.reason`. NOT_FOUND: the store does not know the upload (any more).
 */
export interface ObjectUploads {
  readonly rules: UploadRules;
  begin(key: ByteString, options: BeginUploadOptions): Promise<Upload>;
  /** Stores one part; the same index again replaces it. */
  putPart(upload: Upload, part: PartToPut, signal: AbortSignal): Promise<UploadPart>;
  /** Whole or nothing, as ObjectStore.write. Repeated after a lost answer it resolves when the object is there. */
  complete(upload: Upload, parts: readonly UploadPart[], options: CompleteUploadOptions): Promise<ObjectRecord>;
  /** Removes it and its parts; false when the store does not know it. Parts under way may need a second call. */
  abort(upload: Upload, signal: AbortSignal): Promise<boolean>;
  /** Uploads under way of keys that begin with `prefix`; absent where the store cannot tell. */
  list?(prefix: ByteString, signal: AbortSignal): AsyncIterable<Upload>;
}
