import { cancelledRequestJson, operationJson } from '../../client/json.ts';
import { followOperation } from '../../client/follow-operation.ts';
import type { LongrunningClient } from '../../client/longrunning-client.ts';
import type { OperationMessage } from '../../client/messages.ts';
import { bulkCancelCountsOf, errorOf, transferOf } from '../../client/payloads.ts';
import { timeOf } from '../../client/times.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { countText } from '../format/amounts.ts';
import { errorLines } from '../format/error-text.ts';
import { localTimeText } from '../format/local-time.ts';
import { stateOf } from '../format/operation-state.ts';
import { operationExitStatus } from '../operation-exit-status.ts';
import { printJson, printLines, printNotice } from '../print.ts';
import type { ServerOptions } from '../server-options.ts';
import { UsageError } from '../usage-error.ts';
import { withClient } from '../with-client.ts';

export interface CancelOptions extends ServerOptions {
  /** Until the work has stopped. */
  readonly wait?: boolean;
  /** In place of names: all of the parent that match. */
  readonly filter?: string;
  /** In place of names: the one that was, or will be, created with it. */
  readonly requestId?: string;
  readonly parent?: string;
}

interface CancelParts {
  readonly client: LongrunningClient;
  readonly signal: AbortSignal;
  readonly options: CancelOptions;
  readonly context: CommandContext;
}

const DEFAULT_PARENT = 'operations';
const WAIT_MS = 30_000;

/**
 * `longrunning operations cancel NAME…`, `cancel --filter FILTER` or `cancel --request-id ID`.
 *
 * @throws UsageError unless exactly one of the three says what is meant.
 */
export function operationsCancel(
  names: readonly string[],
  options: CancelOptions,
  context: CommandContext,
): Promise<number> {
  const { filter, requestId, parent, wait } = options;
  const given = [names.length > 0, filter !== undefined, requestId !== undefined].filter(Boolean);
  if (given.length !== 1) throw new UsageError('name operations, or say which with --filter or --request-id');
  if (parent !== undefined && names.length > 0) throw new UsageError('--parent goes with --filter and --request-id');
  if (wait === true && filter !== undefined) {
    throw new UsageError(
      '--wait goes with names and --request-id; a cancel by --filter waits until each was asked to stop',
    );
  }
  return withClient(options, context, (client, signal) => {
    const parts = { client, signal, options, context };
    if (filter !== undefined) return cancelMatching(filter, parts);
    return requestId === undefined ? cancelNamed(names, parts) : cancelRequested(requestId, parts);
  });
}

/** Each in turn; the first that is refused ends it. */
async function cancelNamed(names: readonly string[], parts: CancelParts): Promise<number> {
  const { client, signal, options, context } = parts;
  for (const name of names) await client.operations.cancel(name, { signal });
  for (const name of names) {
    const operation = options.wait === true ? await ended(name, parts) : await client.operations.get(name, { signal });
    if (options.json === true) printJson(context, operationJson(operation));
    else printLines(context, [lineOf(name, operation)]);
  }
  return ExitStatus.DONE;
}

/** By an operation of its own, which goes on when this command is left. */
async function cancelMatching(filter: string, parts: CancelParts): Promise<number> {
  const { client, signal, options, context } = parts;
  const { parent = DEFAULT_PARENT } = options;
  const { name = '' } = await client.control.bulkCancel({ parent, filter }, { signal });
  if (options.json !== true) printNotice(context, `${name} asks them to stop`);
  const operation = await ended(name, parts);
  if (options.json === true) printJson(context, operationJson(operation));
  else printLines(context, bulkLines(operation, parent));
  return operationExitStatus(operation);
}

async function cancelRequested(requestId: string, parts: CancelParts): Promise<number> {
  const { client, signal, options, context } = parts;
  const { parent = DEFAULT_PARENT } = options;
  const answer = await client.control.cancelByRequestId({ requestId, parent }, { signal });
  const name = answer.operation?.name;
  const operation = name !== undefined && options.wait === true ? await ended(name, parts) : answer.operation;
  if (options.json === true) {
    printJson(context, cancelledRequestJson({ ...answer, ...(operation === undefined ? {} : { operation }) }));
  } else if (operation === undefined) {
    const until = localTimeText(timeOf(answer.pendingUntilTime));
    printLines(context, [
      `no operation has this request id yet; one that is created with it until ${until} is cancelled`,
    ]);
  } else printLines(context, [lineOf(name ?? '', operation)]);
  return ExitStatus.DONE;
}

async function ended(name: string, { client, signal, context }: CancelParts): Promise<OperationMessage> {
  const { operations, limits } = client;
  let last: OperationMessage = {};
  const states = followOperation(name, { operations, limits, clock: context.clock, everyMs: WAIT_MS, signal });
  for await (const operation of states) last = operation;
  return last;
}

function lineOf(name: string, operation: OperationMessage): string {
  const state = stateOf(operation, transferOf(operation));
  return operation.done === true ? `${name} is ${state}` : `${name} is asked to stop; it is ${state}`;
}

function bulkLines(operation: OperationMessage, parent: string): readonly string[] {
  const { matchedCount = '0', cancelledCount = '0' } = bulkCancelCountsOf(operation);
  const error = errorOf(operation);
  return [
    Number(matchedCount) === 0
      ? `nothing in ${parent} matches that is not done`
      : `${countText(Number(cancelledCount))} of ${countText(Number(matchedCount))} that match in ${parent} asked to stop`,
    ...(error === undefined ? [] : errorLines(error)),
  ];
}
