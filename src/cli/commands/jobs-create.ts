import { transferJobJson } from '../../client/json.ts';
import type { OverwriteWhen } from '../../client/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { printJson, printLines } from '../print.ts';
import { routeOf, transferJobOf, type Route } from '../transfer/transfer-route.ts';
import { addressOf, projectOf, type ProjectOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';
import { jobNameFrom } from '../job-name.ts';

export interface CreateJobOptions extends ProjectOptions {
  /** The server makes one unless given. */
  readonly name?: string;
  readonly description?: string;
  readonly overwrite: OverwriteWhen;
}

/** `longrunning jobs create SRC DST`: prints its name. */
export function jobsCreate(given: Route, options: CreateJobOptions, context: CommandContext): Promise<number> {
  const route = routeOf(given, { directory: context.directory, address: addressOf(options, context) });
  const { name, description, overwrite } = options;
  const job = transferJobOf(route, {
    name: name === undefined ? '' : jobNameFrom(name),
    projectId: projectOf(options, context),
    overwriteWhen: overwrite,
  });
  return withClient(options, context, async ({ transfers }, signal) => {
    const created = await transfers.createJob(
      { ...job, ...(description === undefined ? {} : { description }) },
      { signal },
    );
    if (options.json === true) printJson(context, transferJobJson(created));
    else printLines(context, [created.name ?? '']);
    return ExitStatus.DONE;
  });
}
