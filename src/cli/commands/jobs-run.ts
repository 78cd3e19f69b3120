import { operationJson } from '../../client/json.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { printJson, printLines } from '../print.ts';
import { projectOf, type ProjectOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';
import { jobNameFrom } from '../job-name.ts';
import { operationsWait } from './operations-wait.ts';

export interface RunJobOptions extends ProjectOptions {
  /** How long to wait, milliseconds. */
  readonly timeout?: number;
  /** Until the run is done. */
  readonly wait?: boolean;
}

/** `longrunning jobs run JOB`: prints the operation's name or, with --wait, how it has ended. */
export async function jobsRun(name: string, options: RunJobOptions, context: CommandContext): Promise<number> {
  const key = { jobName: jobNameFrom(name), projectId: projectOf(options, context) };
  const operation = await withClient(options, context, ({ transfers }, signal) => transfers.runJob(key, { signal }));
  if (options.wait === true) return operationsWait(operation.name ?? '', options, context);
  if (options.json === true) printJson(context, operationJson(operation));
  else printLines(context, [operation.name ?? '']);
  return ExitStatus.DONE;
}
