const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Bounds of transfer jobs; TransferJobsLimits says what each is. */
export const DEFAULT_TRANSFER_JOB_LIMITS = {
  /** TransferJob.Status: "Transfer jobs become eligible for garbage collection 30 days after their status is set to DELETED." */
  deletedJobRetentionMs: 30 * DAY_MS,
  /** Each retry means that another writer of the same job has come through: more than this many in a row is no accident. */
  conflictRetryCountMax: 16,
  /** Some 20 pages: a few milliseconds of reading. */
  listScanCountMax: 5000,
  /** A job may be as large as a request, 4 MiB: no more than 64 MiB of them are held at a time, and a page of 256 takes 17 reads. */
  listReadSize: 16,
  /** Of the jobs on one page, where it is more than one: gRPC clients take 4 MiB. */
  listBytesMax: 3.5 * 1024 * 1024,
  /** Looking up two paths takes microseconds, unless a mount hangs; milliseconds. */
  pathCheckMaxMs: 5000,
  /** Nobody who gives a time to the minute minds a second; looking costs one read of an index. Milliseconds. */
  scheduleIntervalMs: 1000,
  /** One commit of the database holds them all. */
  dueCountMax: 100,
  /** A restart, or a database that is away for a moment, makes no run late. Milliseconds. */
  punctualMs: 60_000,
  /** Users rather have what they missed over a long weekend than not; after a week they have looked. Milliseconds. */
  catchUpMaxMs: 7 * DAY_MS,
  /** A damaged record is in the log now and then until it is mended. Milliseconds. */
  damagedJobRetryMs: HOUR_MS,
  /** As notifications.recheckMs: hints find the end of nearly every operation before. Milliseconds. */
  notificationCheckMs: 60_000,
  /** A change of an agent pool's bandwidth limit holds within a second. Milliseconds. */
  poolLimitIntervalMs: 500,
  /** Some milliseconds of decoding at a time. */
  poolJobPageSize: 200,
  scheduleBackoff: { initialMs: 1000, maxMs: 30_000 },
};
