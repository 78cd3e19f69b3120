import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { printLines } from '../print.ts';
import { runOf } from '../run-of-job.ts';
import { projectOf, type ProjectOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';

/** `longrunning jobs resume JOB`. */
export function jobsResume(name: string, options: ProjectOptions, context: CommandContext): Promise<number> {
  return withClient(options, context, async (client, signal) => {
    const operation = await runOf(client, name, projectOf(options, context));
    await client.transfers.resumeOperation(operation, { signal });
    if (options.json !== true) printLines(context, [`${operation} goes on`]);
    return ExitStatus.DONE;
  });
}
