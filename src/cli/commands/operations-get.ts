import { operationJson } from '../../client/json.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { operationLines } from '../format/operation-lines.ts';
import { printJson, printLines } from '../print.ts';
import { type ServerOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';

/** `longrunning operations get NAME`. */
export function operationsGet(name: string, options: ServerOptions, context: CommandContext): Promise<number> {
  return withClient(options, context, async (client, signal) => {
    const operation = await client.operations.get(name, { signal });
    if (options.json === true) printJson(context, operationJson(operation));
    else printLines(context, operationLines(operation));
    return ExitStatus.DONE;
  });
}
