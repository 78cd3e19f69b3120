import { backoffDelayMs } from '../core/backoff.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { followWatch, type FollowWatchOptions } from './follow-watch.ts';
import type { ClientLimits } from './limits.ts';

export interface ListenOptions extends FollowWatchOptions {
  readonly limits: Pick<ClientLimits, 'reconnectMaxMs' | 'reconnectDelayMs' | 'listenDelayMs'>;
  /** The owner should ask the server how things stand. */
  readonly onChange: () => void;
}

/**
 * Hears that an operation is not simply running any more, until the signal aborts or the operation is done.
 *
 * A stream that fails, for whatever reason, is followed by another one: meanwhile renewals of the lease tell the same, later. Never
 * rejects.
 */
export async function listenForChanges(name: string, options: ListenOptions): Promise<void> {
  const { limits, clock, signal, onChange } = options;
  for (let failureCount = 1; ; failureCount += 1) {
    try {
      for await (const { changed, removed } of followWatch({ name }, options)) {
        failureCount = 0;
        if (removed !== undefined || (changed !== undefined && changed.state !== 'STATE_RUNNING')) onChange();
      }
      return;
    } catch (error) {
      if (error instanceof StatusError && error.code === Code.NOT_FOUND) onChange();
      const delayMs = backoffDelayMs(Math.max(1, failureCount), limits.listenDelayMs, () => 1);
      const isAborted = await clock.sleep(delayMs, signal).then(
        () => false,
        () => true,
      );
      if (isAborted) return;
    }
  }
}
