import { backoffDelayMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { StatusError } from '../core/status-error.ts';
import { fateOf, type CallFate } from './call-fate.ts';
import type { ClientLimits } from './limits.ts';

export interface PersistOptions {
  readonly limits: Pick<ClientLimits, 'reconnectMaxMs' | 'reconnectDelayMs'>;
  readonly clock: Pick<Clock, 'sleep' | 'monotonic'>;
  readonly signal: AbortSignal;
  /** Until when what may pass is tried again, of the clock's monotonic time; asked anew after each failure. */
  readonly untilMs: () => number;
  /** What becomes of the call; `fateOf` unless given. */
  readonly judge?: (error: unknown) => CallFate;
}

/**
 * A call that may be repeated, tried again with backoff while its failure may pass. A fault that lasts is taken for a refusal after
 * `reconnectMaxMs`.
 *
 * @throws what the call throws in the end; the signal's reason.
 */
export async function persisting<T>(options: PersistOptions, call: () => Promise<T>): Promise<T> {
  const { limits, clock, signal, untilMs, judge = fateOf } = options;
  let faultyMs: number | undefined;
  for (let failureCount = 1; ; failureCount += 1) {
    const beganMs = clock.monotonic();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const fate = judge(error);
      const nowMs = clock.monotonic();
      // A stream that went well for so long has nothing to do with faults before it.
      if (nowMs - beganMs >= limits.reconnectMaxMs) [failureCount, faultyMs] = [1, undefined];
      faultyMs = fate === 'doubtful' ? (faultyMs ?? nowMs) : undefined;
      const endMs = faultyMs === undefined ? untilMs() : faultyMs + limits.reconnectMaxMs;
      if (fate === 'lost' || fate === 'refused' || nowMs >= endMs) throw error;
      await clock.sleep(retryDelayMs(error, failureCount, limits), signal);
    }
  }
}

/** As long as the server asks for, if it does. */
export function retryDelayMs(
  error: unknown,
  failureCount: number,
  { reconnectDelayMs }: Pick<ClientLimits, 'reconnectDelayMs'>,
): number {
  const askedMs = error instanceof StatusError ? (error.retryDelayMs ?? 0) : 0;
  return Math.max(
    askedMs,
    backoffDelayMs(failureCount, reconnectDelayMs, () => 1),
  );
}
