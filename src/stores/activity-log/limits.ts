/** Bounds of the logs of transfers. */
export interface ActivityLogLimits {
  /** Bytes of one file; the next one has a number. */
  readonly fileSizeBytesMax: number;
  /** Files that were not written to for so long are removed when another transfer of their project begins. Milliseconds. */
  readonly retentionMs: number;
  /** Files of a project that are looked at for that, at a time. */
  readonly expiryScanCountMax: number;
}

export const DEFAULT_ACTIVITY_LOG_LIMITS: ActivityLogLimits = Object.freeze({
  // Half a million lines or so: what an editor still opens.
  fileSizeBytesMax: 256 * 1024 * 1024,
  // As long as the operations that they are of can be read.
  retentionMs: 30 * 86_400_000,
  expiryScanCountMax: 10_000,
});
