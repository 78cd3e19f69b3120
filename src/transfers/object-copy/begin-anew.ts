import { backoffDelayMs } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';

export interface BeginAnewOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly tryCountMax: number;
  readonly signal: AbortSignal;
}

const PASSING: ReadonlySet<Code> = new Set([
  Code.UNAVAILABLE,
  Code.DEADLINE_EXCEEDED,
  Code.RESOURCE_EXHAUSTED,
  Code.ABORTED,
]);

/** TRANSFER.md §2.14. */
const BACKOFF = { initialMs: 100, maxMs: 30_000 };

/**
 * Repeats what has to begin from its first byte again, such as a write whose body has passed, where it failed for a passing reason.
 * Calls that can be repeated as they are the store repeats itself.
 */
export async function beginAnew<Result>(act: () => Promise<Result>, options: BeginAnewOptions): Promise<Result> {
  const { clock, random, tryCountMax, signal } = options;
  for (let tryCount = 1; ; tryCount += 1) {
    try {
      return await act();
    } catch (error) {
      const isPassing = error instanceof StatusError && !error.isFinal && PASSING.has(error.code);
      if (!isPassing || tryCount >= tryCountMax || signal.aborted) throw error;
      await clock.sleep(Math.max(error.retryDelayMs ?? 0, backoffDelayMs(tryCount, BACKOFF, random)), signal);
    }
  }
}
