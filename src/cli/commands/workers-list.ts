import type { OwnerSessionMessage, WorkerMessage } from '../../client/control-messages.ts';
import { eachItem } from '../../client/each-item.ts';
import { ownerSessionJson, workerJson } from '../../client/json.ts';
import type { LongrunningClient } from '../../client/longrunning-client.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { ownerTable, workerTable } from '../format/worker-tables.ts';
import { looksOf, printJson, printLines, printNotice } from '../print.ts';
import type { ServerOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';

export interface ListWorkersOptions extends ServerOptions {
  /** Owners listed at most. */
  readonly limit: number;
}

/** `longrunning workers list`: those of the server's process, then the owners outside. */
export function workersList(options: ListWorkersOptions, context: CommandContext): Promise<number> {
  return withClient(options, context, async (client, signal) => {
    const { workers, owners, hasMore } = await listed(client, options.limit, signal);
    if (options.json === true) {
      for (const worker of workers) printJson(context, { worker: workerJson(worker) });
      for (const owner of owners) printJson(context, { ownerSession: ownerSessionJson(owner) });
    } else {
      printLines(context, workerTable(workers, looksOf(context)));
      if (owners.length > 0) printLines(context, ['', ...ownerTable(owners, looksOf(context))]);
    }
    if (hasMore) printNotice(context, `there are more owners; these are the first ${options.limit} (--limit)`);
    return ExitStatus.DONE;
  });
}

interface ListedWorkers {
  readonly workers: readonly WorkerMessage[];
  readonly owners: readonly OwnerSessionMessage[];
  readonly hasMore: boolean;
}

async function listed(
  { control, limits }: LongrunningClient,
  limit: number,
  signal: AbortSignal,
): Promise<ListedWorkers> {
  let workers: readonly WorkerMessage[] = [];
  const page = async ({
    pageToken = '',
  }): Promise<{ items: readonly OwnerSessionMessage[]; nextPageToken: string }> => {
    const answer = await control.listWorkers({ pageSize: Math.min(limit, 1000), pageToken }, { signal });
    workers = answer.workers ?? [];
    return { items: answer.ownerSessions ?? [], nextPageToken: answer.nextPageToken ?? '' };
  };
  const owners: OwnerSessionMessage[] = [];
  for await (const owner of eachItem(page, limits.pageCountMax)) {
    if (owners.length === limit) return { workers, owners, hasMore: true };
    owners.push(owner);
  }
  return { workers, owners, hasMore: false };
}
