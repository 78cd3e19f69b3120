import type { Clock } from '../../core/clock.ts';
import { TurnQueue } from '../../core/turn-queue.ts';
import { nextConcurrency, type ConcurrencyState } from './concurrency-rule.ts';
import type { StoreCallLimits } from './limits.ts';

/** What came of a call that was let in. */
export interface CallOutcome {
  readonly sizeBytes: number;
  readonly isSlowedDown: boolean;
}

/** Lets in as many calls at once as one endpoint takes well; the others wait in turn. Shared by all that call it. */
export class ConcurrencyGate {
  readonly #clock: Clock;
  readonly #limits: StoreCallLimits;
  readonly #waiting = new TurnQueue();
  #state: ConcurrencyState;
  #insideCount = 0;
  #windowStartMs: number;
  #weight = 0;
  #endedCount = 0;
  #wasFull = false;

  constructor(clock: Clock, limits: StoreCallLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#state = { limit: limits.concurrencyInitial, lastGoodput: 0, keepUntilMs: 0 };
    this.#windowStartMs = clock.monotonic();
  }

  get limit(): number {
    return this.#state.limit;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Resolves when the call may begin, with what must be called once when it has ended. */
  async enter(signal: AbortSignal): Promise<(outcome: CallOutcome) => void> {
    signal.throwIfAborted();
    if (this.#insideCount < this.#state.limit) {
      this.#insideCount += 1;
    } else {
      this.#wasFull = true;
      await this.#waiting.wait(undefined, signal);
    }
    return (outcome) => {
      this.#insideCount -= 1;
      this.#note(outcome);
      this.#letIn();
    };
  }

  /** Those let in count at once, so that nobody who comes now takes their place. */
  #letIn(): void {
    while (this.#waiting.length > 0 && this.#insideCount < this.#state.limit) {
      this.#insideCount += 1;
      this.#waiting.letIn();
    }
  }

  #note({ sizeBytes, isSlowedDown }: CallOutcome): void {
    this.#weight += sizeBytes + this.#limits.callWeightBytes;
    this.#endedCount += 1;
    if (this.#endedCount < this.#state.limit && !isSlowedDown) return;
    const now = this.#clock.monotonic();
    const goodput = (this.#weight * 1000) / Math.max(1, now - this.#windowStartMs);
    const window = { goodput, isSlowedDown, isFull: this.#wasFull };
    this.#state = nextConcurrency(this.#state, window, this.#limits, now);
    this.#windowStartMs = now;
    this.#weight = 0;
    this.#endedCount = 0;
    this.#wasFull = this.#waiting.length > 0;
  }
}
