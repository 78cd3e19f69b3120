import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { OperationMessage } from './messages.ts';
import type { OperationsClient } from './operations-client.ts';
import { reaching, type ReachOptions } from './reaching.ts';

export interface FollowOptions extends ReachOptions {
  readonly operations: Pick<OperationsClient, 'wait' | 'get'>;
  /** How often to look, milliseconds; its end is told at once where the server can wait. */
  readonly everyMs: number;
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

function unlessUnimplemented(error: unknown): undefined {
  if (!(error instanceof StatusError) || error.code !== Code.UNIMPLEMENTED) throw error;
  return undefined;
}
