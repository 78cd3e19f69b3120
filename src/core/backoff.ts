export interface BackoffPolicy {
  /** The first delay's ceiling, milliseconds. */
  readonly initialMs: number;
  /** No delay is longer, milliseconds. */
  readonly maxMs: number;
}

/**
 * Exponential backoff with full jitter: a uniform delay below min(maxMs, initialMs * 2^(failureCount - 1)).
 *
 * @param failureCount  failures so far, from 1.
 * @param random        uniform in [0, 1); injected so that tests repeat.
 */
export function backoffDelayMs(failureCount: number, policy: BackoffPolicy, random: () => number): number {
  const ceiling = Math.min(policy.maxMs, policy.initialMs * 2 ** Math.min(failureCount - 1, 52));
  return Math.floor(random() * ceiling);
}
