import { backoffDelayMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { WatchEventMessage, WatchRequest } from './control-messages.ts';
import type { ClientLimits } from './limits.ts';
import type { OperationControlClient } from './operation-control-client.ts';

export interface FollowWatchOptions {
  readonly control: Pick<OperationControlClient, 'watch'>;
  readonly limits: Pick<ClientLimits, 'reconnectMaxMs' | 'reconnectDelayMs'>;
  readonly clock: Pick<Clock, 'sleep' | 'monotonic'>;
  readonly signal: AbortSignal;
}

/**
 * The events of a watch, over as many streams as it takes: one that ends as its server stops is followed by another, from its last
 * cursor.
 *
 * @throws StatusError of the server, and when none answers for `reconnectMaxMs`; the signal's reason.
 */
export async function* followWatch(
  request: WatchRequest,
  options: FollowWatchOptions,
): AsyncGenerator<WatchEventMessage> {
  const { control, limits, clock, signal } = options;
  let cursor = request.cursor ?? '';
  let heardMs = clock.monotonic();
  for (let failureCount = 1; ; failureCount += 1) {
    try {
      for await (const event of control.watch({ ...request, cursor }, { signal })) {
        if (event.cursor !== undefined && event.cursor !== '') cursor = event.cursor;
        heardMs = clock.monotonic();
        failureCount = 0;
        yield event;
      }
      return;
    } catch (error) {
      const isAway = error instanceof StatusError && error.code === Code.UNAVAILABLE;
      if (!isAway || clock.monotonic() - heardMs >= limits.reconnectMaxMs) throw error;
      await clock.sleep(
        backoffDelayMs(Math.max(1, failureCount), limits.reconnectDelayMs, () => 1),
        signal,
      );
    }
  }
}
