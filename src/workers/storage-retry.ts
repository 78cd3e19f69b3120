import { backoffDelayMs, type BackoffPolicy } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

export interface StorageRetryOptions {
  readonly clock: Clock;
  readonly backoff: BackoffPolicy;
  readonly random: () => number;
  /** Ends the tries, and the wait for one that hangs: then the rejection is its reason. */
  readonly signal: AbortSignal;
  /** Which errors pass; storage faults unless said otherwise. */
  readonly passes?: (error: unknown) => boolean;
  onFault(error: unknown, failureCount: number): void;
}

/** A storage that has no room now, on its disk or in its queues; the call itself is as good as any. */
const NO_ROOM_REASONS: ReadonlySet<string> = new Set(['STORAGE_FULL', 'WRITE_QUEUE_FULL', 'READ_QUEUE_FULL']);

/** Whether an error says that the storage, not the write, is at fault. */
export function isStorageFault(error: unknown): boolean {
  return error instanceof StatusError && (error.code === Code.UNAVAILABLE || NO_ROOM_REASONS.has(error.info.reason));
}

/** Repeats an idempotent call with backoff while the storage is at fault. Any other error is thrown as it is. */
export async function retryStorage<T>(call: () => Promise<T>, options: StorageRetryOptions): Promise<T> {
  const passes = options.passes ?? isStorageFault;
  for (let failureCount = 1; ; failureCount++) {
    try {
      return await untilAborted(call(), options.signal);
    } catch (error) {
      if (options.signal.aborted || !passes(error)) throw error;
      options.onFault(error, failureCount);
    }
    await options.clock.sleep(backoffDelayMs(failureCount, options.backoff, options.random), options.signal);
  }
}

/** The promise, or a rejection with the signal's reason when that comes first; the promise is then left to itself. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    aborted.reject(signal.reason);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
