import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { printLines } from '../print.ts';
import { projectOf, type ProjectOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';
import { jobNameFrom } from '../job-name.ts';

/** `longrunning jobs delete JOB`. */
export function jobsDelete(name: string, options: ProjectOptions, context: CommandContext): Promise<number> {
  const key = { jobName: jobNameFrom(name), projectId: projectOf(options, context) };
  return withClient(options, context, async ({ transfers }, signal) => {
    await transfers.deleteJob(key, { signal });
    if (options.json !== true) printLines(context, [`${key.jobName} is deleted; a run that is under way goes on`]);
    return ExitStatus.DONE;
  });
}
