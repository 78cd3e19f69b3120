import { backoffDelayMs } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import { isTransient } from './is-transient.ts';
import type { StoreCallLimits } from './limits.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface RetryOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly limits: StoreCallLimits;
  /** Of the endpoint, shared by all that call it. */
  readonly budget: RetryBudget;
}

/** The tries of one call, or of one stretch of a body or a listing: progress in between starts the count anew. */
export class RetryLoop {
  readonly #options: RetryOptions;
  readonly #signal: AbortSignal;
  #failureCount = 0;

  constructor(options: RetryOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  progressed(): void {
    this.#failureCount = 0;
  }

  succeeded(): void {
    this.#options.budget.succeeded();
  }

  /** Waits until the next try. @throws the error itself when there is to be none, the signal's reason when it aborts. */
  async failed(error: unknown): Promise<void> {
    const { clock, random, limits, budget } = this.#options;
    this.#signal.throwIfAborted();
    if (!isTransient(error)) throw error;
    this.#failureCount += 1;
    const askedMs = error.retryDelayMs ?? 0;
    const isOver = this.#failureCount >= limits.tryCountMax || askedMs > limits.retryAfterMaxMs;
    if (!budget.failed() || isOver) throw error;
    // The jitter on top of what was asked for: all who were refused were asked for the same.
    await clock.sleep(askedMs + backoffDelayMs(this.#failureCount, limits.retryBackoff, random), this.#signal);
  }
}
