import type { UploadSpoolLimits } from './upload-spool.ts';

export interface UploadLimits extends UploadSpoolLimits {
  /** How late a file goes whose operation's end was not told, milliseconds. */
  readonly sweepIntervalMs: number;
}

export const DEFAULT_UPLOAD_LIMITS: UploadLimits = {
  // The discovery document's maxSize of media.upload.
  uploadSizeMaxBytes: 10 * 1024 ** 3,
  // Two of the largest, or some hundred of what stores take.
  spoolSizeMaxBytes: 20 * 1024 ** 3,
  // Each is looked at by every sweep: some milliseconds together.
  spoolCountMax: 1000,
  // The database is mostly on the same disk, and can write nothing on one that is full: half an hour of it at some 100 kB a second.
  diskReserveBytes: 256 * 1024 * 1024,
  // Analyses take minutes.
  spoolRetryDelayMs: 30_000,
  sweepIntervalMs: 60_000,
};
