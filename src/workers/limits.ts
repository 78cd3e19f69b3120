import type { BackoffPolicy } from '../core/backoff.ts';

/** Every limit of the workers. Times are milliseconds, sizes bytes. */
export interface WorkerLimits {
  /** A session that is not renewed for so long has lost its operations. */
  readonly leaseDurationMs: number;
  /** Three renewals fit into a lease, so that one that fails costs nothing. */
  readonly renewIntervalMs: number;
  /** So long before the lease's end all work is stopped: nobody takes over what still runs. */
  readonly fenceMarginMs: number;
  /** Bound for a lost hint of queued work, and for one whose backoff has passed. */
  readonly claimIntervalMs: number;
  /** How often sessions that ran out are looked for. */
  readonly sweepIntervalMs: number;
  /** How often deadlines and other times of operations are looked at: so late each may be. */
  readonly timerIntervalMs: number;
  /** Timers fired by one write. */
  readonly timerCountMax: number;
  /** Children cancelled by one write: short enough that others are not kept waiting. */
  readonly childCountMax: number;
  /** Bytes of the values of those that one write of either kind changes: they are held together. */
  readonly timerBytesMax: number;
  /** Until an operation of which nothing that is due can be done is tried, and told of, again. */
  readonly timerBackoff: BackoffPolicy;
  /** Such operations that are remembered, some 200 bytes each; beyond it the oldest are tried at once. */
  readonly restingTimerCountMax: number;
  /** Operations recovered in one transaction. */
  readonly sweepCountMax: number;
  /** With one read's time, the bound of 5 s within which a cancel arrives whose hint was lost. */
  readonly heldCheckIntervalMs: number;
  /** Names read at once by that check. */
  readonly heldCheckCountMax: number;
  /** One write of progress per operation in this time; clients poll about as often. */
  readonly progressIntervalMs: number;
  /** A checkpoint is rewritten often and read by every takeover: small. 64 large objects with keys of 4 KiB fit. */
  readonly checkpointSizeMaxBytes: number;
  /** A group of 4,096 objects with the longest keys, 4 KiB, fits. */
  readonly journalEntrySizeMaxBytes: number;
  /** A response, and metadata: both must fit into one gRPC message of 4 MiB. */
  readonly messageSizeMaxBytes: number;
  /** From a cancel's delivery until the work is given up on. */
  readonly cancelGraceMs: number;
  /** Work that goes on for so long after it was given up on closes its worker to new work. */
  readonly quarantineAfterMs: number;
  /** The last part of a drain, for work that did not suspend; at most half of the drain. */
  readonly shutdownGraceMs: number;
  /** How long a close waits for the outcomes of what it has stopped to be stored. */
  readonly closeReportMs: number;
  /** Between tries of a storage that fails. */
  readonly storageBackoff: BackoffPolicy;
  /** An attempt tells of its failing writes no more often: a dozen may wait for the same full disk. */
  readonly faultLogIntervalMs: number;
  /** Tries to fail an operation whose outcome was refused, each refused too; a storage that is down does not count. */
  readonly refusalCountMax: number;
  readonly purgeIntervalMs: number;
  /** Records purged in one transaction: short enough that others are not kept waiting. */
  readonly purgeCountMax: number;
  /** How often a busy process makes room for work that may only run alone. */
  readonly aloneIntervalMs: number;
  /** How long other work is first waited for; doubles with each turn that found no room. */
  readonly alonePatienceMs: number;
  /** After so long without dying it no longer keeps others out. */
  readonly aloneDurationMaxMs: number;
  /** A thread sends its progress on no more often. */
  readonly threadProgressIntervalMs: number;
  /** Left of the grace when a thread is terminated: time for terminate() to be confirmed. */
  readonly threadTerminateReserveMs: number;
  /** How long an attempt's outcome waits for its thread to be gone. */
  readonly threadExitMs: number;
}

export const DEFAULT_WORKER_LIMITS: WorkerLimits = {
  leaseDurationMs: 10_000,
  renewIntervalMs: 3_000,
  fenceMarginMs: 1_000,
  claimIntervalMs: 1_000,
  sweepIntervalMs: 1_000,
  timerIntervalMs: 500,
  timerCountMax: 200,
  childCountMax: 100,
  timerBytesMax: 8 * 1024 * 1024,
  timerBackoff: { initialMs: 1_000, maxMs: 300_000 },
  restingTimerCountMax: 1_000,
  sweepCountMax: 200,
  heldCheckIntervalMs: 4_000,
  heldCheckCountMax: 1_000,
  progressIntervalMs: 1_000,
  checkpointSizeMaxBytes: 512 * 1024,
  journalEntrySizeMaxBytes: 32 * 1024 * 1024,
  messageSizeMaxBytes: 3.5 * 1024 * 1024,
  cancelGraceMs: 10_000,
  quarantineAfterMs: 60_000,
  shutdownGraceMs: 5_000,
  closeReportMs: 500,
  storageBackoff: { initialMs: 100, maxMs: 1_000 },
  faultLogIntervalMs: 10_000,
  refusalCountMax: 10,
  purgeIntervalMs: 60_000,
  purgeCountMax: 1_000,
  aloneIntervalMs: 30_000,
  alonePatienceMs: 10_000,
  aloneDurationMaxMs: 60_000,
  threadProgressIntervalMs: 200,
  threadTerminateReserveMs: 2_000,
  threadExitMs: 1_000,
};
