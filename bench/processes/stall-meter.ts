import { monotonicMs } from '../frame/monotonic.ts';

/** Finds the longest time in which this process's event loop took nothing up: with a timer that should fire every millisecond. */
export class StallMeter {
  readonly #timer: NodeJS.Timeout;
  #lastMs = monotonicMs();
  #longestMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), 1);
  }

  /** @returns the longest stall, milliseconds; one is the timer's own. */
  stop(): number {
    this.#look();
    clearInterval(this.#timer);
    return this.#longestMs;
  }

  #look(): void {
    const nowMs = monotonicMs();
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }
}
