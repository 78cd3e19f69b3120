import { backoffDelayMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { ClientLimits } from './limits.ts';
import type { OperationMessage } from './messages.ts';
import type { OperationsClient } from './operations-client.ts';

export interface FollowOptions {
  readonly operations: Pick<OperationsClient, 'wait' | 'get'>;
  readonly limits: Pick<ClientLimits, 'reconnectMaxMs' | 'reconnectDelayMs'>;
  readonly clock: Pick<Clock, 'sleep' | 'monotonic'>;
  /** How often to look, milliseconds; its end is told at once where the server can wait. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/**
 * An operation as it is now, again and again, until it is done: the last one told is the done one.
 *
 * A server that cannot be reached is tried again for `reconnectMaxMs`; one that cannot wait for operations of this kind is asked anew
 * each time.
 * @throws StatusError of the server; the signal's reason.
 */
export async function* followOperation(name: string, options: FollowOptions): AsyncGenerator<OperationMessage> {
  const { operations, everyMs, signal, clock } = options;
  let canWait = true;
  let operation = await reaching(options, () => operations.get(name, { signal }));
  for (;;) {
    yield operation;
    if (operation.done === true) return;
    const looked: OperationMessage | undefined = canWait
      ? await reaching(options, () => operations.wait(name, everyMs, { signal })).catch(unlessUnimplemented)
      : undefined;
    canWait = looked !== undefined;
    if (looked === undefined) await clock.sleep(everyMs, signal);
    operation = looked ?? (await reaching(options, () => operations.get(name, { signal })));
  }
}

/** The call, tried again while nobody answers. */
async function reaching<T>(options: FollowOptions, call: () => Promise<T>): Promise<T> {
  const { limits, clock, signal } = options;
  const endMs = clock.monotonic() + limits.reconnectMaxMs;
  for (let failureCount = 1; ; failureCount += 1) {
    try {
      return await call();
    } catch (error) {
      if (!hasCode(error, Code.UNAVAILABLE) || clock.monotonic() >= endMs) throw error;
      await clock.sleep(
        backoffDelayMs(failureCount, limits.reconnectDelayMs, () => 1),
        signal,
      );
    }
  }
}

function unlessUnimplemented(error: unknown): undefined {
  if (!hasCode(error, Code.UNIMPLEMENTED)) throw error;
  return undefined;
}

function hasCode(error: unknown, code: Code): boolean {
  return error instanceof StatusError && error.code === code;
}
