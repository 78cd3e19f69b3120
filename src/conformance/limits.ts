/** Every bound of a conformance run. Times are milliseconds. */
export interface ConformanceLimits {
  /** One call that is not meant to wait. */
  readonly callTimeoutMs: number;
  /** What a wait's caller allows it, where the wait itself asks for more. */
  readonly shortDeadlineMs: number;
  /** A wait that something is to end early: the operation's completion, or that it is done already. */
  readonly longWaitMs: number;
  /** Until an operation that was cancelled or completed must be done. */
  readonly endTimeoutMs: number;
  /** Reading the pages of one list: what is behind them then is as if behind the last page that may be read. */
  readonly pagesTimeoutMs: number;
  readonly pollEveryMs: number;
  /** Pages read of one list, so that a large server is not read whole. */
  readonly pageCountMax: number;
  /** Answers beyond it fail the call, bytes. */
  readonly receiveSizeMaxBytes: number;
}

/** @param callTimeoutMs  as `--timeout` says; the longer bounds follow it. */
export function conformanceLimits(callTimeoutMs = 10_000): ConformanceLimits {
  return Object.freeze({
    // A durable write behind a busy disk takes a second at worst.
    callTimeoutMs,
    // Long enough that a server which answers a little early has done something in between.
    shortDeadlineMs: Math.min(1000, callTimeoutMs),
    // An answer within half of it is told from one that came because the time was up.
    longWaitMs: 2 * callTimeoutMs,
    endTimeoutMs: 3 * callTimeoutMs,
    pagesTimeoutMs: 3 * callTimeoutMs,
    pollEveryMs: 50,
    // Of two operations each; those that a run makes are among the newest.
    pageCountMax: 50,
    receiveSizeMaxBytes: 64 * 1024 * 1024,
  });
}
