import type { OperationSummaryMessage } from '../client/control-messages.ts';
import type { LongrunningClient } from '../client/longrunning-client.ts';
import type { OperationMessage } from '../client/messages.ts';
import { StatusError } from '../core/status-error.ts';

/** Names in one filter: the server takes 100 terms, and 16 KiB. */
const NAME_COUNT_MAX = 100;
const FILTER_LENGTH_MAX = 12_000;

/** A server that is slower keeps nobody waiting for what nobody has asked for, milliseconds. */
const TIMEOUT_MS = 2_000;

export interface SummariesOptions {
  readonly client: LongrunningClient;
  /** The collection that they are of. */
  readonly parent: string;
  readonly signal: AbortSignal;
}

/**
 * What OperationControl tells of operations that were listed, by name: google.longrunning tells neither their state nor their progress.
 *
 * Of a server that does not have it, or refuses, nothing is told: the list is what was asked for.
 */
export async function summariesOf(
  operations: readonly OperationMessage[],
  { client, parent, signal }: SummariesOptions,
): Promise<ReadonlyMap<string, OperationSummaryMessage>> {
  const found = new Map<string, OperationSummaryMessage>();
  const options = { signal, timeoutMs: TIMEOUT_MS };
  try {
    for (const filter of filtersOf(operations.map(({ name = '' }) => name))) {
      for await (const { changed, synced } of client.control.watch({ parent, filter }, options)) {
        if (changed?.operation?.name !== undefined) found.set(changed.operation.name, changed);
        if (synced !== undefined) break;
      }
    }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
  return found;
}

/** Filters that together match these names. */
function filtersOf(names: readonly string[]): readonly string[] {
  const groups: string[][] = [];
  let length = 0;
  for (const name of names.map((each) => JSON.stringify(each))) {
    const last = groups.at(-1);
    length += name.length + ' OR '.length;
    if (last !== undefined && last.length < NAME_COUNT_MAX && length <= FILTER_LENGTH_MAX) {
      last.push(name);
      continue;
    }
    groups.push([name]);
    length = name.length;
  }
  return groups.map((group) => `name = (${group.join(' OR ')})`);
}
