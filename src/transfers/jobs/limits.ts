const DAY_MS = 24 * 60 * 60 * 1000;

/** Bounds of transfer jobs; TransferJobsLimits says what each is. */
export const DEFAULT_TRANSFER_JOB_LIMITS = {
  /** TransferJob.Status: "Transfer jobs become eligible for garbage collection 30 days after their status is set to DELETED." */
  deletedJobRetentionMs: 30 * DAY_MS,
  /** Each retry means that another writer of the same job has come through: more than this many in a row is no accident. */
  conflictRetryCountMax: 16,
  /** Some 20 pages: a few milliseconds of reading. */
  listScanCountMax: 5000,
  /** Looking up two paths takes microseconds, unless a mount hangs; milliseconds. */
  pathCheckMaxMs: 5000,
};
