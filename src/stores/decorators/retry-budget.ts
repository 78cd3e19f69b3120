/**
 * How many retries all calls to one endpoint may still make, so that an outage is not answered with a multiple of the load.
 *
 * As gRPC's: each failure takes one, each success gives a part of one back, and none is made below half.
 */
export class RetryBudget {
  readonly #max: number;
  readonly #earned: number;
  #left: number;

  constructor({ retryBudgetMax, retryBudgetEarnedPerMille }: RetryBudgetLimits) {
    this.#max = retryBudgetMax;
    this.#earned = retryBudgetEarnedPerMille / 1000;
    this.#left = retryBudgetMax;
  }

  succeeded(): void {
    this.#left = Math.min(this.#max, this.#left + this.#earned);
  }

  /** Whether this failure may be followed by another try. */
  failed(): boolean {
    this.#left = Math.max(0, this.#left - 1);
    return this.#left > this.#max / 2;
  }
}

export interface RetryBudgetLimits {
  readonly retryBudgetMax: number;
  readonly retryBudgetEarnedPerMille: number;
}
