import { backoffDelayMs, type BackoffPolicy } from '../core/backoff.ts';

interface Rest {
  readonly failureCount: number;
  /** On the monotonic clock. */
  readonly endMs: number;
}

/** Operations of which what is due could not be done: each is left alone, for longer with each failure. */
export class RestingTimers {
  readonly #rests = new Map<string, Rest>();

  /** @param nowMs  on the monotonic clock, as everywhere here. */
  isResting(name: string, nowMs: number): boolean {
    return nowMs < (this.#rests.get(name)?.endMs ?? -Infinity);
  }

  /** @param countMax  so many are remembered; beyond it the oldest are tried again. */
  failed(name: string, nowMs: number, policy: BackoffPolicy, countMax: number): void {
    const failureCount = (this.#rests.get(name)?.failureCount ?? 0) + 1;
    this.#rests.delete(name);
    this.#rests.set(name, { failureCount, endMs: nowMs + backoffDelayMs(failureCount, policy, () => 1) });
    for (const oldest of this.#rests.keys()) {
      if (this.#rests.size <= countMax) return;
      this.#rests.delete(oldest);
    }
  }

  succeeded(name: string): void {
    this.#rests.delete(name);
  }
}
