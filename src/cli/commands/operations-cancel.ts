import { followOperation } from '../../client/follow-operation.ts';
import type { LongrunningClient } from '../../client/longrunning-client.ts';
import type { OperationMessage } from '../../client/messages.ts';
import { operationJson } from '../../client/json.ts';
import { transferOf } from '../../client/payloads.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { stateOf } from '../format/operation-state.ts';
import { printJson, printLines } from '../print.ts';
import { type ServerOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';

export interface CancelOptions extends ServerOptions {
  /** Until the work has stopped. */
  readonly wait?: boolean;
}

const WAIT_MS = 30_000;

/** `longrunning operations cancel NAME…`: each in turn; the first that is refused ends it. */
export function operationsCancel(
  names: readonly string[],
  options: CancelOptions,
  context: CommandContext,
): Promise<number> {
  return withClient(options, context, async (client, signal) => {
    for (const name of names) await client.operations.cancel(name, { signal });
    for (const name of names) {
      const operation =
        options.wait === true
          ? await ended(client, name, { context, signal })
          : await client.operations.get(name, { signal });
      if (options.json === true) printJson(context, operationJson(operation));
      else printLines(context, [lineOf(name, operation)]);
    }
    return ExitStatus.DONE;
  });
}

async function ended(
  { operations, limits }: LongrunningClient,
  name: string,
  { context, signal }: { readonly context: CommandContext; readonly signal: AbortSignal },
): Promise<OperationMessage> {
  let last: OperationMessage = {};
  const states = followOperation(name, { operations, limits, clock: context.clock, everyMs: WAIT_MS, signal });
  for await (const operation of states) last = operation;
  return last;
}

function lineOf(name: string, operation: OperationMessage): string {
  const state = stateOf(operation, transferOf(operation));
  return operation.done === true ? `${name} is ${state}` : `${name} is asked to stop; it is ${state}`;
}
