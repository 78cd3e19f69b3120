import type { UploadSpoolLimits } from './upload-spool.ts';

export interface UploadLimits extends UploadSpoolLimits {
  /** How late a file goes whose operation's end was not told, milliseconds. */
  readonly sweepIntervalMs: number;
  /** How long the lease of a worker lasts without a renewal, milliseconds. */
  readonly leaseDurationMs: number;
  /** How long a worker has to confirm a cancel, milliseconds. */
  readonly cancelGraceMs: number;
  /** How long an upload waits for a worker, milliseconds. */
  readonly abandonAfterMs: number;
}

export const DEFAULT_UPLOAD_LIMITS: UploadLimits = {
  // The discovery document's maxSize of media.upload.
  uploadSizeMaxBytes: 10 * 1024 ** 3,
  // Two of the largest, or some hundred of what stores take.
  spoolSizeMaxBytes: 20 * 1024 ** 3,
  // Each is looked at by every sweep: some milliseconds together.
  spoolCountMax: 1000,
  // Analyses take minutes.
  spoolRetryDelayMs: 30_000,
  sweepIntervalMs: 60_000,
  // As OperationControl has them unless told otherwise.
  leaseDurationMs: 30_000,
  cancelGraceMs: 10_000,
  // A worker that is down over a night still finds them.
  abandonAfterMs: 86_400_000,
};
