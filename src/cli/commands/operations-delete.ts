import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { printLines } from '../print.ts';
import { type ServerOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';

/** `longrunning operations delete NAME…`: each in turn; the first that is refused ends it. */
export function operationsDelete(
  names: readonly string[],
  options: ServerOptions,
  context: CommandContext,
): Promise<number> {
  return withClient(options, context, async (client, signal) => {
    for (const name of names) {
      await client.operations.delete(name, { signal });
      if (options.json !== true) printLines(context, [`${name} is deleted; its work, if any, goes on`]);
    }
    return ExitStatus.DONE;
  });
}
