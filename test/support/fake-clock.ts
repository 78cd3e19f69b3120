import type { Clock } from '../../src/core/clock.ts';

interface Sleeper {
  readonly wakeMs: number;
  wake(): void;
}

/** Lets everything run that needs no time: promises, and what follows from their callbacks. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * A clock that moves only when it is told to.
 *
 * `advance` wakes sleepers in the order of their time, and lets all that follows from one settle before the next.
 */
export class FakeClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  #nowMs: number;
  #monotonicMs = 0;

  constructor(nowMs = Date.parse('2026-01-02T03:04:05Z')) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  /** How many sleep: what a leak would let grow. */
  get sleeperCount(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  after(ms: number, run: () => void): () => void {
    const sleeper: Sleeper = { wakeMs: this.#monotonicMs + Math.max(0, ms), wake: run };
    this.#sleepers.add(sleeper);
    return () => {
      this.#sleepers.delete(sleeper);
    };
  }

  /** Moves both times forward by so many milliseconds, at least 0. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms;
    await settle();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#moveTo(next.wakeMs);
      this.#sleepers.delete(next);
      next.wake();
      await settle();
    }
    this.#moveTo(endMs);
    await settle();
  }

  /** Moves the wall clock alone, as somebody does who sets it. */
  shift(ms: number): void {
    this.#nowMs += ms;
  }

  #next(endMs: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.wakeMs <= endMs && (next === undefined || sleeper.wakeMs < next.wakeMs)) next = sleeper;
    }
    return next;
  }

  #moveTo(monotonicMs: number): void {
    const stepMs = Math.max(0, monotonicMs - this.#monotonicMs);
    this.#monotonicMs += stepMs;
    this.#nowMs += stepMs;
  }
}
