import type { Clock } from '../../core/clock.ts';

export interface WatchPauseOptions {
  readonly clock: Clock;
  /** The longest that it lasts, milliseconds. */
  readonly quietMs: number;
  /** Of the caller: when it aborts the watch ends with its reason. */
  readonly signal: AbortSignal;
}

/** Where a watch waits when there is nothing to tell, and where it learns that it is to end. */
export class WatchPause {
  readonly #options: WatchPauseOptions;
  readonly #onAbort: () => void;
  #wake: (() => void) | undefined;
  #end: Error | undefined;

  constructor(options: WatchPauseOptions) {
    this.#options = options;
    const { signal } = options;
    this.#onAbort = (): void => {
      this.end(signal.reason as Error);
    };
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  wake(): void {
    this.#wake?.();
  }

  /** The watch is to end with this. */
  end(reason: Error): void {
    this.#end = reason;
    this.wake();
  }

  /** @throws why the watch is to end. */
  throwIfEnded(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  /**
   * Waits until it is woken, or for as long as a watch may be quiet.
   *
   * @returns whether it was woken.
   * @throws why the watch is to end.
   */
  async rest(): Promise<boolean> {
    this.throwIfEnded();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const cancel = this.#options.clock.after(this.#options.quietMs, () => {
      resolve(false);
    });
    this.#wake = () => {
      resolve(true);
    };
    const isWoken = await promise;
    this.#wake = undefined;
    cancel();
    this.throwIfEnded();
    return isWoken;
  }

  /** Nobody waits any more. */
  close(): void {
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }
}
