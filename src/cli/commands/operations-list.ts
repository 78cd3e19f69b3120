import { operationJson } from '../../client/json.ts';
import type { OperationSummaryMessage } from '../../client/control-messages.ts';
import type { OperationMessage } from '../../client/messages.ts';
import { transferOf } from '../../client/payloads.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { operationTable } from '../format/operation-table.ts';
import { printable } from '../format/text-width.ts';
import { looksOf, printJson, printLines, printNotice } from '../print.ts';
import { projectOf, type ProjectOptions } from '../server-options.ts';
import { summariesOf } from '../summaries.ts';
import { withClient } from '../with-client.ts';

export interface ListOptions extends ProjectOptions {
  readonly filter?: string;
  readonly pageSize?: number;
  /** Listed at most. */
  readonly limit: number;
}

/** What who names no collection may have meant. */
const OTHERS =
  'these are of the collection operations; transfers are in transferOperations, others in projects/*/locations/* and accounts/*/apps/*';

/** `longrunning operations list [COLLECTION]`: the newest first. */
export function operationsList(
  given: string | undefined,
  options: ListOptions,
  context: CommandContext,
): Promise<number> {
  const name = given ?? 'operations';
  return withClient(options, context, async (client, signal) => {
    const { filter = defaultFilter(name, options, context), pageSize = Math.min(options.limit, 256) } = options;
    const listed: OperationMessage[] = [];
    let count = 0;
    for await (const operation of client.operations.listAll({ name, filter, pageSize }, { signal })) {
      if (count === options.limit) {
        printNotice(context, `there are more; these are the first ${options.limit} (--limit)`);
        break;
      }
      count += 1;
      if (options.json === true) printJson(context, operationJson(operation));
      else listed.push(operation);
    }
    if (options.json !== true && listed.length === 0) printNotice(context, `no operations in ${name}`);
    else if (options.json !== true) {
      const summaries = await summariesOf(listed.filter(isUnexplained), { client, parent: name, signal });
      printTable(listed, summaries, context);
    }
    if (options.json !== true && given === undefined) printNotice(context, OTHERS);
    return ExitStatus.DONE;
  });
}

/** Transfers tell in their metadata where they stand. */
function isUnexplained(operation: OperationMessage): boolean {
  return transferOf(operation) === undefined;
}

function printTable(
  operations: readonly OperationMessage[],
  summaries: ReadonlyMap<string, OperationSummaryMessage>,
  context: CommandContext,
): void {
  const lines = operationTable(operations, looksOf(context), summaries);
  printLines(context, lines);
  const isCut = operations.some(({ name = '' }, index) => lines[index + 1]?.startsWith(printable(name)) !== true);
  if (isCut)
    printNotice(context, 'names are cut to fit; they are whole in a wider terminal, in a pipe, and with --json');
}

/** Storage Transfer lists nothing without the project in its filter. */
function defaultFilter(name: string, options: ListOptions, context: CommandContext): string {
  return name === 'transferOperations' ? JSON.stringify({ projectId: projectOf(options, context) }) : '';
}
