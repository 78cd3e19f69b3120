import type { BackoffPolicy } from '../core/backoff.ts';
import type { OperationsLimits } from './operations.ts';

/** Bounds of operations/ that are not class Operations' own. */
export interface OperationDefaults extends OperationsLimits {
  /** AIP-158: "A good rule of thumb … is three days". Milliseconds. */
  readonly pageTokenLifetimeMs: number;
  /** Bytes of one operation as clients are sent it. */
  readonly operationBytesMax: number;
}

/** AIP-151: "A good rule of thumb for operation expiry is 30 days after the operation completed." */
const RETENTION_MS = 30 * 86_400_000;

/** The bounds a deployment starts with. */
export const DEFAULT_OPERATIONS_LIMITS: OperationDefaults = {
  // An hour: over gRPC a parked wait costs nothing, and a client that wants more asks again.
  waitMaxMs: 3_600_000,
  // The answer's way back; a caller that gets DEADLINE_EXCEEDED instead of the state has waited for nothing.
  waitMarginMs: 100,
  waitRetryDelayMs: 1000,
  waitBackstopMs: 5000,
  // About 10 kB each with its call: 200 MB.
  waiterCountMax: 20_000,
  // Answering one takes some 40 µs, and what closes its stream falls into the turns that follow: a turn stays below 10 ms.
  releaseSliceSize: 64,
  backstopChunkSize: 1000,
  // What a filter by pattern reads at most for one page: some tens of milliseconds of the database's thread.
  listScanCountMax: 4096,
  listReadSize: 256,
  // Two pages' worth: of large records few are read, and those that make no page are not held together.
  listReadBytesMax: 8 * 1024 * 1024,
  // Some ms between two turns of the event loop: small records take 20 µs each, large ones 15 ms for each MB.
  listTurnBytes: 128 * 1024,
  // gRPC clients take 4 MiB.
  listBytesMax: 3.5 * 1024 * 1024,
  retentionMs: RETENTION_MS,
  attemptCountMax: 5,
  // A few hundred names; a URL may not hold more.
  filterBytesMax: 16 * 1024,
  // Each may be evaluated for each record that a list looks at.
  filterTermCountMax: 100,
  // Nobody writes more by hand, and the parser's stack stays small.
  filterDepthMax: 32,
  // gRPC messages hold 4 MiB; a page of one must fit with its token.
  operationBytesMax: 4 * 1024 * 1024 - 8 * 1024,
  pageTokenLifetimeMs: 3 * 86_400_000,
};

export interface RetryLimits {
  readonly failureBackoff: BackoffPolicy;
  readonly deathBackoff: BackoffPolicy;
  readonly deathCountAlone: number;
  readonly deathCountMax: number;
}

/** DESIGN: from the third death on work backs off (to 30 s) and runs alone, and at 100 it is FAILED. */
export const DEFAULT_RETRY_LIMITS: RetryLimits = {
  failureBackoff: { initialMs: 1000, maxMs: 60_000 },
  deathBackoff: { initialMs: 1000, maxMs: 30_000 },
  deathCountAlone: 3,
  deathCountMax: 100,
};
