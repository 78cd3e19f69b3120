import { followOperation } from '../../client/follow-operation.ts';
import { operationJson } from '../../client/json.ts';
import type { OperationMessage } from '../../client/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { operationLines } from '../format/operation-lines.ts';
import { operationExitStatus } from '../operation-exit-status.ts';
import { printJson, printLines, printNotice } from '../print.ts';
import { type ServerOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';

export interface WaitOptions extends ServerOptions {
  /** How long to wait, milliseconds; as long as it takes unless given. */
  readonly timeout?: number;
}

/** One call waits so long at most, milliseconds: proxies end calls that are silent for a minute. */
const CALL_MS = 30_000;

/** `longrunning operations wait NAME`. @returns how the operation has ended, or that the time was over first. */
export function operationsWait(name: string, options: WaitOptions, context: CommandContext): Promise<number> {
  return withClient(options, context, async (client, closed) => {
    const { operations, limits } = client;
    const over = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout);
    const signal = over === undefined ? closed : AbortSignal.any([closed, over]);
    const everyMs = Math.min(CALL_MS, options.timeout ?? CALL_MS);
    let last: OperationMessage = {};
    try {
      const states = followOperation(name, { operations, limits, clock: context.clock, everyMs, signal });
      for await (const operation of states) last = operation;
    } catch (error) {
      if (over?.aborted !== true) throw error;
    }
    if (last.done !== true) printNotice(context, `${name} is not done; the time to wait is over`);
    if (options.json === true) printJson(context, operationJson(last));
    else printLines(context, operationLines(last));
    return last.done === true ? operationExitStatus(last) : ExitStatus.TIMED_OUT;
  });
}
