import type { PageSizes } from '../page-size.ts';

/** What OperationControl takes and keeps. Times are milliseconds, sizes bytes. */
export interface ControlLimits {
  /** An operation's request: it is read by every attempt, and no client is ever sent it. */
  readonly requestSizeMaxBytes: number;
  /** Metadata, sent with every Get and every item of a list. */
  readonly metadataSizeMaxBytes: number;
  /** A response: with its metadata it must fit into one gRPC message of 4 MiB. */
  readonly responseSizeMaxBytes: number;
  /** A checkpoint of an owner, as of a worker. */
  readonly checkpointSizeMaxBytes: number;
  /** An error: clients get it within metadata of their calls too, where little fits. */
  readonly errorSizeMaxBytes: number;
  /** An owner that says nothing of its lease renews it by unary calls, which may be slow. */
  readonly leaseDurationMs: number;
  readonly cancelGraceMs: number;
  readonly abandonAfterMs: number;
  /** Tries of a create whose parent changes meanwhile, as one that reports progress does. */
  readonly createTryCountMax: number;
  /** Operations cancelled by one write of a bulk cancel: short enough that others are not kept waiting. */
  readonly bulkCancelCountMax: number;
  /** The same, as bytes of their values: what is read of them is held together. */
  readonly bulkCancelReadBytesMax: number;
  /** Characters of the filter, as the proto says. */
  readonly bulkCancelFilterLengthMax: number;
  /** Failures of a bulk cancel: it is idempotent, and a storage that fails must not end it for good. */
  readonly bulkCancelAttemptCountMax: number;
  /** Bulk cancels carried out at once. */
  readonly bulkCancelSlotCount: number;
  /** How long a cancel is kept for a create that may still come: longer than any client retries. */
  readonly pendingCancelMs: number;
  /** Cancels kept so: some megabytes. */
  readonly pendingCancelCountMax: number;
  /** What a caller is told to wait when there are too many of something. */
  readonly retryDelayMs: number;
  /** Children that a description shows. */
  readonly describedChildCountMax: number;
  /** Owners in one page of ListWorkers. */
  readonly ownerPage: PageSizes;
  /** Operations counted that are taken before another one. */
  readonly aheadCountMax: number;
}

export const DEFAULT_CONTROL_LIMITS: ControlLimits = {
  requestSizeMaxBytes: 1024 * 1024,
  metadataSizeMaxBytes: 1024 * 1024,
  responseSizeMaxBytes: 3 * 1024 * 1024,
  checkpointSizeMaxBytes: 512 * 1024,
  errorSizeMaxBytes: 64 * 1024,
  leaseDurationMs: 30_000,
  cancelGraceMs: 10_000,
  abandonAfterMs: 3_600_000,
  createTryCountMax: 16,
  bulkCancelCountMax: 100,
  bulkCancelReadBytesMax: 8 * 1024 * 1024,
  bulkCancelFilterLengthMax: 8192,
  bulkCancelAttemptCountMax: 100,
  bulkCancelSlotCount: 2,
  pendingCancelMs: 3_600_000,
  pendingCancelCountMax: 10_000,
  retryDelayMs: 1_000,
  describedChildCountMax: 100,
  // AIP-158 leaves it open; an owner is some 200 bytes.
  ownerPage: { defaultPageSize: 100, maxPageSize: 1000 },
  aheadCountMax: 10_000,
};

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 86_400_000;

/** What operation_control.proto allows in a CreateOperationRequest: the same in every deployment, as clients rely on it. */
export const CREATE_BOUNDS = {
  delayMaxMs: YEAR_MS,
  runTimeoutMaxMs: YEAR_MS,
  retentionMinMs: SECOND_MS,
  retentionMaxMs: 10 * YEAR_MS,
  deadlineAheadMaxMs: 10 * YEAR_MS,
  attemptCountMax: 100,
  labelCountMax: 64,
  /** Characters. */
  labelValueLengthMax: 63,
  /** Characters. */
  exclusiveKeyLengthMax: 256,
  /** Characters. */
  holderLengthMax: 128,
  /** Each of an owner's three terms: less than this no call over a network can keep. */
  holdMinMs: SECOND_MS,
  leaseDurationMaxMs: HOUR_MS,
  cancelGraceMaxMs: HOUR_MS,
  abandonAfterMaxMs: YEAR_MS,
} as const;
