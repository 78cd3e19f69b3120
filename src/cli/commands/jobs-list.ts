import { transferJobJson } from '../../client/json.ts';
import type { TransferJobMessage } from '../../client/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { jobTable } from '../format/job-lines.ts';
import { looksOf, printJson, printLines, printNotice } from '../print.ts';
import { projectOf, type ProjectOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';

export interface ListJobsOptions extends ProjectOptions {
  readonly filter?: string;
  /** Listed at most. */
  readonly limit: number;
  /** Deleted ones too. */
  readonly all?: boolean;
}

/** `longrunning jobs list`: the newest first. */
export function jobsList(options: ListJobsOptions, context: CommandContext): Promise<number> {
  const projectId = projectOf(options, context);
  const statuses = options.all === true ? {} : { jobStatuses: ['ENABLED', 'DISABLED'] };
  const filter = options.filter ?? JSON.stringify({ projectId, ...statuses });
  return withClient(options, context, async ({ transfers }, signal) => {
    const listed: TransferJobMessage[] = [];
    for await (const job of transfers.listAllJobs({ filter, pageSize: 256 }, { signal })) {
      if (listed.length === options.limit) {
        printNotice(context, `there are more; these are the first ${options.limit} (--limit)`);
        break;
      }
      listed.push(job);
    }
    if (options.json === true) for (const job of listed) printJson(context, transferJobJson(job));
    else if (listed.length === 0) printNotice(context, `no jobs in project ${projectId}`);
    else printLines(context, jobTable(listed, looksOf(context)));
    return ExitStatus.DONE;
  });
}
