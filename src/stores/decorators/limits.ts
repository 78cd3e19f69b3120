import type { BackoffPolicy } from '../../core/backoff.ts';

/** Bounds of what stands around a remote store. */
export interface StoreCallLimits {
  /** Tries of one call, the first one included. */
  readonly tryCountMax: number;
  /** Between two tries: full jitter, and never less than the service asks for. */
  readonly retryBackoff: BackoffPolicy;
  /** What a service may ask for by Retry-After; a call that would have to wait longer fails. Milliseconds. */
  readonly retryAfterMaxMs: number;
  /** Retries of one endpoint in a row, over all calls; half of them are a reserve that an outage does not touch. */
  readonly retryBudgetMax: number;
  /** Thousandths of a retry that a call which succeeds gives back. */
  readonly retryBudgetEarnedPerMille: number;
  /** Calls at once to one endpoint, to begin with, at least and at most. */
  readonly concurrencyInitial: number;
  readonly concurrencyMin: number;
  readonly concurrencyMax: number;
  /** More calls at once must bring so much more, in thousandths, for the next one to be tried. */
  readonly concurrencyGainPerMille: number;
  /** How long a number that brought nothing more is kept before the next one is tried. */
  readonly concurrencyRetuneMs: number;
  /** What a call counts beside its bytes, as small ones cost time, too. Bytes. */
  readonly callWeightBytes: number;
  /** How long after a change of a rate a waiter may notice it at the latest. Milliseconds. */
  readonly rateLookMaxMs: number;
  /** What may pass at once after a time without traffic, milliseconds of the rate. */
  readonly rateBurstMs: number;
  /** Objects of a listing out of order that are sorted in memory at a time; about 300 bytes each. */
  readonly sortRunCountMax: number;
  /** Sorted runs in files, each open while they are merged; more than so many objects in all cannot be sorted. */
  readonly sortRunsMax: number;
  readonly sortedPageCountMax: number;
}

/** TRANSFER.md §2.14; the retry budget is that of gRPC (A6, "Throttling Retry Attempts and Hedged RPCs"). */
export const DEFAULT_STORE_CALL_LIMITS: StoreCallLimits = Object.freeze({
  tryCountMax: 6,
  retryBackoff: Object.freeze({ initialMs: 100, maxMs: 30_000 }),
  retryAfterMaxMs: 120_000,
  retryBudgetMax: 100,
  retryBudgetEarnedPerMille: 100,
  concurrencyInitial: 8,
  concurrencyMin: 1,
  concurrencyMax: 64,
  concurrencyGainPerMille: 50,
  concurrencyRetuneMs: 30_000,
  callWeightBytes: 16 * 1024,
  rateLookMaxMs: 250,
  rateBurstMs: 100,
  sortRunCountMax: 100_000,
  sortRunsMax: 256,
  sortedPageCountMax: 1000,
});
