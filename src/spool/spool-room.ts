import type { UploadSpoolLimits } from '../checks/upload-spool.ts';
import { Code } from '../core/code.ts';
import { invalidArgument, StatusError } from '../core/status-error.ts';

/** What a spool holds, in files and bytes, against what it may hold. */
export class SpoolRoom {
  readonly #limits: UploadSpoolLimits;
  readonly #sizes = new Map<string, number>();
  #usedBytes = 0;

  constructor(limits: UploadSpoolLimits) {
    this.#limits = limits;
  }

  /** @throws StatusError RESOURCE_EXHAUSTED (reason UPLOAD_SPOOL_FULL) when there are as many files as there may be. */
  begin(id: string): void {
    const { spoolCountMax } = this.#limits;
    if (this.#sizes.size >= spoolCountMax) throw this.#full(`holds ${String(spoolCountMax)} files`);
    this.#sizes.set(id, 0);
  }

  /** Whether a file has room that has so many bytes at least. @throws as grow. */
  check(announcedBytes: number): void {
    const { uploadSizeMaxBytes, spoolSizeMaxBytes } = this.#limits;
    if (announcedBytes > uploadSizeMaxBytes) throw uploadTooLarge(uploadSizeMaxBytes);
    if (this.#usedBytes + announcedBytes > spoolSizeMaxBytes)
      throw this.#full(`would hold more than ${String(spoolSizeMaxBytes)} bytes`);
  }

  /** A file that is there already, whatever there is room for. */
  add(id: string, sizeBytes: number): void {
    this.release(id);
    this.#sizes.set(id, sizeBytes);
    this.#usedBytes += sizeBytes;
  }

  /** @throws StatusError INVALID_ARGUMENT (UPLOAD_TOO_LARGE) or RESOURCE_EXHAUSTED (UPLOAD_SPOOL_FULL), and then nothing has grown. */
  grow(id: string, bytes: number): void {
    const { uploadSizeMaxBytes, spoolSizeMaxBytes } = this.#limits;
    const sizeBytes = (this.#sizes.get(id) ?? 0) + bytes;
    if (sizeBytes > uploadSizeMaxBytes) throw uploadTooLarge(uploadSizeMaxBytes);
    if (this.#usedBytes + bytes > spoolSizeMaxBytes)
      throw this.#full(`would hold more than ${String(spoolSizeMaxBytes)} bytes`);
    this.#sizes.set(id, sizeBytes);
    this.#usedBytes += bytes;
  }

  release(id: string): void {
    this.#usedBytes -= this.#sizes.get(id) ?? 0;
    this.#sizes.delete(id);
  }

  #full(state: string): StatusError {
    return new StatusError(
      Code.RESOURCE_EXHAUSTED,
      `the spool of uploads ${state}; try again when analyses have ended, or raise limits.uploads`,
      { reason: 'UPLOAD_SPOOL_FULL', retryDelayMs: this.#limits.spoolRetryDelayMs },
    );
  }
}

export function uploadTooLarge(sizeMaxBytes: number): StatusError {
  const metadata = { sizeMaxBytes: String(sizeMaxBytes) };
  return invalidArgument('media', `has more than ${metadata.sizeMaxBytes} bytes`, {
    reason: 'UPLOAD_TOO_LARGE',
    metadata,
  });
}
