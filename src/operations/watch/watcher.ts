import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ChangeTaker } from './change-taker.ts';
import type { WatchCursor } from './watch-cursor.ts';
import type { MessageReader } from './untaken-messages.ts';
import type { WatchSource } from './watch-source.ts';

/** What every watch is made from. */
export interface WatcherOptions extends MessageReader {
  readonly source: WatchSource;
  readonly clock: Clock;
  /** Where it goes on; undefined = anew. */
  readonly cursor: WatchCursor | undefined;
}

/** One watch. */
export interface Watcher extends ChangeTaker {
  /** Encoded messages, once. Rejects with the signal's reason, and when the server stops. */
  messages(): AsyncGenerator<Uint8Array>;
}

/** UNAVAILABLE: the server stops. */
export function draining(retryDelayMs: number): StatusError {
  return new StatusError(Code.UNAVAILABLE, 'the server stops; watch again with the last cursor', {
    reason: 'SERVER_DRAINING',
    retryDelayMs,
  });
}
