import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { printLines } from '../print.ts';
import { runOf } from '../run-of-job.ts';
import { projectOf, type ProjectOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';

/** `longrunning jobs pause JOB`: the run of the job that is under way, or a run by its own name. */
export function jobsPause(name: string, options: ProjectOptions, context: CommandContext): Promise<number> {
  return withClient(options, context, async (client, signal) => {
    const operation = await runOf(client, name, projectOf(options, context));
    await client.transfers.pauseOperation(operation, { signal });
    if (options.json !== true) printLines(context, [`${operation} is asked to pause; what is copied stays`]);
    return ExitStatus.DONE;
  });
}
