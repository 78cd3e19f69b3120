import type { UploadedFile } from './upload-analysis.ts';

/**
 * Where files that were uploaded rest until their operations have ended.
 *
 * Ids are the caller's, each used once: letters, digits and `-`.
 */
export interface UploadSpool {
  /**
   * Takes a file, chunk by chunk. It is durable when this resolves: it survives power loss. Whatever it rejects with, nothing is left of it.
   *
   * @param announcedBytes  what the file has at least, as far as that is known: what there is no room for is refused before a chunk is asked for.
   * @throws StatusError INVALID_ARGUMENT for a file that is empty (reason UPLOAD_EMPTY) or too large (UPLOAD_TOO_LARGE);
   *   RESOURCE_EXHAUSTED where the spool (UPLOAD_SPOOL_FULL) or the disk (STORAGE_FULL) is full; UNAVAILABLE (STORAGE_UNAVAILABLE);
   *   what the chunks throw; the signal's reason.
   */
  receive(
    id: string,
    chunks: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
    announcedBytes?: number,
  ): Promise<UploadedFile>;
  /** The ids of the files that are whole, in any order. @throws StatusError UNAVAILABLE (STORAGE_UNAVAILABLE). */
  list(): Promise<readonly string[]>;
  /** Safe to repeat; one that is not there is removed. @throws StatusError UNAVAILABLE (STORAGE_UNAVAILABLE). */
  remove(id: string): Promise<void>;
}

export interface UploadSpoolLimits {
  /** Bytes of one file. */
  readonly uploadSizeMaxBytes: number;
  /** Bytes of all files together, those that are being received too. */
  readonly spoolSizeMaxBytes: number;
  /** Files, those that are being received too. */
  readonly spoolCountMax: number;
  /** Of the disk so much stays free for others, bytes; a file that would take of it is refused. */
  readonly diskReserveBytes: number;
  /** What a caller is told to wait when the spool is full, milliseconds. */
  readonly spoolRetryDelayMs: number;
}
