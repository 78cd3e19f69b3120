import { transferJobJson } from '../../client/json.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { jobLines } from '../format/job-lines.ts';
import { printJson, printLines } from '../print.ts';
import { projectOf, type ProjectOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';
import { jobNameFrom } from '../job-name.ts';

/** `longrunning jobs get JOB`. */
export function jobsGet(name: string, options: ProjectOptions, context: CommandContext): Promise<number> {
  const key = { jobName: jobNameFrom(name), projectId: projectOf(options, context) };
  return withClient(options, context, async ({ transfers }, signal) => {
    const job = await transfers.getJob(key, { signal });
    if (options.json === true) printJson(context, transferJobJson(job));
    else printLines(context, jobLines(job));
    return ExitStatus.DONE;
  });
}
