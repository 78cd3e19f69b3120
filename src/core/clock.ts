/** Time for everything that reads or waits for it. Tests drive a fake one. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary origin: for durations, never for stored times. */
  monotonic(): number;
  /** Resolves after `ms`; rejects at once with `signal.reason` when the signal aborts, and leaves no timer behind. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms` unless the returned function was called before. The cheap form, for many waiters at once. */
  after(ms: number, run: () => void): () => void;
}

/** Node's timers hold 31 bits: a longer one would fire at once, and is put together from several. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = systemClock.after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
  after: (ms, run) => {
    // What is due already has a time below 0, of which Node would warn.
    let timer = setTimeout(ms > TIMER_MAX_MS ? goOn : run, Math.min(Math.max(0, ms), TIMER_MAX_MS));
    let restMs = ms - TIMER_MAX_MS;
    function goOn(): void {
      timer = setTimeout(restMs > TIMER_MAX_MS ? goOn : run, Math.min(restMs, TIMER_MAX_MS));
      restMs -= TIMER_MAX_MS;
    }
    return () => {
      clearTimeout(timer);
    };
  },
};
