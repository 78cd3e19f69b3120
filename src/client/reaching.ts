import { backoffDelayMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { ClientLimits } from './limits.ts';

export interface ReachOptions {
  readonly limits: Pick<ClientLimits, 'reconnectMaxMs' | 'reconnectDelayMs'>;
  readonly clock: Pick<Clock, 'sleep' | 'monotonic'>;
  readonly signal: AbortSignal;
}

/**
 * A call that may be repeated, tried again while nobody answers, for `reconnectMaxMs`: a server that restarts is back by then.
 *
 * @throws what the call throws that is not UNAVAILABLE, or the last UNAVAILABLE; the signal's reason.
 */
export async function reaching<T>({ limits, clock, signal }: ReachOptions, call: () => Promise<T>): Promise<T> {
  const endMs = clock.monotonic() + limits.reconnectMaxMs;
  for (let failureCount = 1; ; failureCount += 1) {
    try {
      return await call();
    } catch (error) {
      const isUnavailable = error instanceof StatusError && error.code === Code.UNAVAILABLE;
      if (!isUnavailable || clock.monotonic() >= endMs) throw error;
      await clock.sleep(
        backoffDelayMs(failureCount, limits.reconnectDelayMs, () => 1),
        signal,
      );
    }
  }
}
