import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { ByteBudget } from './byte-budget.ts';

/** What one request holds of the bytes that this process keeps for all of them. */
export class HeldBytes {
  readonly #budget: ByteBudget;
  readonly #retryDelayMs: number;
  #count = 0;

  /** @param retryDelayMs  what a caller is told to wait for whom there is no room. */
  constructor(budget: ByteBudget, retryDelayMs: number) {
    this.#budget = budget;
    this.#retryDelayMs = retryDelayMs;
  }

  /** Counts bytes until `release`. @returns UNAVAILABLE where there is no room for them. */
  take(count: number): StatusError | undefined {
    if (this.#budget.isFull) return tooManyBytes(this.#retryDelayMs);
    this.#budget.take(count);
    this.#count += count;
    return undefined;
  }

  /** They are needed no more. */
  release(): void {
    this.#budget.give(this.#count);
    this.#count = 0;
  }
}

function tooManyBytes(retryDelayMs: number): StatusError {
  const message = 'the bodies and long answers of all requests together are too large; try again later';
  return new StatusError(Code.UNAVAILABLE, message, { reason: 'TOO_MANY_REQUESTS', retryDelayMs });
}
