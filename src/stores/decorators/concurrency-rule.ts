/** How many calls at once one endpoint is given, and what is known of more or fewer. */
export interface ConcurrencyState {
  readonly limit: number;
  /** Weighted bytes a second with one fewer; 0 when nothing is known. */
  readonly lastGoodput: number;
  /** The number is kept until then, and found anew afterwards; 0 while it is being found. */
  readonly keepUntilMs: number;
}

/** What was seen in about one round trip of as many calls as were allowed. */
export interface ConcurrencyWindow {
  /** Bytes, and a weight for each call, per second. */
  readonly goodput: number;
  /** The endpoint asked to slow down. */
  readonly isSlowedDown: boolean;
  /** Whether all that was allowed was used; more would change nothing otherwise. */
  readonly isFull: boolean;
}

export interface ConcurrencyLimits {
  readonly concurrencyMin: number;
  readonly concurrencyMax: number;
  readonly concurrencyGainPerMille: number;
  readonly concurrencyRetuneMs: number;
}

/**
 * TRANSFER.md §2.14: "+1 per RTT-window while goodput grows ≥5 %, halve on 429/503, re-tune every 30 s".
 */
export function nextConcurrency(
  state: ConcurrencyState,
  { goodput, isSlowedDown, isFull }: ConcurrencyWindow,
  limits: ConcurrencyLimits,
  nowMs: number,
): ConcurrencyState {
  const { limit, lastGoodput, keepUntilMs } = state;
  const atLeast = (wanted: number): number => Math.max(limits.concurrencyMin, wanted);
  const keep = nowMs + limits.concurrencyRetuneMs;
  if (isSlowedDown) {
    return { limit: atLeast(Math.floor(limit / 2)), lastGoodput: 0, keepUntilMs: keep };
  }
  if (!isFull || nowMs < keepUntilMs) return state;
  // Found anew from below, as the endpoint may take fewer by now, or more.
  if (keepUntilMs > 0) return { limit: atLeast(Math.ceil(limit * 0.75)), lastGoodput: 0, keepUntilMs: 0 };
  const isGrowing = goodput >= lastGoodput * (1 + limits.concurrencyGainPerMille / 1000);
  if (isGrowing && limit < limits.concurrencyMax) return { limit: limit + 1, lastGoodput: goodput, keepUntilMs };
  // The last one brought nothing: without it, for a while.
  return { limit: atLeast(isGrowing ? limit : limit - 1), lastGoodput: 0, keepUntilMs: keep };
}
