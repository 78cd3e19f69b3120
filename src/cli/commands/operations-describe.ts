import { descriptionJson } from '../../client/json.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { descriptionLines } from '../format/description-lines.ts';
import { isUnimplemented } from '../is-unimplemented.ts';
import { printJson, printLines, printNotice } from '../print.ts';
import { type ServerOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';

/** `longrunning operations describe NAME`. */
export function operationsDescribe(name: string, options: ServerOptions, context: CommandContext): Promise<number> {
  return withClient(options, context, async (client, signal) => {
    try {
      const description = await client.control.describe(name, { signal });
      if (options.json === true) printJson(context, descriptionJson(description));
      else printLines(context, descriptionLines(description));
      return ExitStatus.DONE;
    } catch (error) {
      if (!isUnimplemented(error)) throw error;
      printNotice(
        context,
        `the server at ${client.address} cannot explain operations: it does not serve longrunning.control.v1.OperationControl. ` +
          `\`longrunning operations get ${name}\` shows what it tells`,
      );
      return ExitStatus.FAILED;
    }
  });
}
