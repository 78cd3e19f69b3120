import { isDeepStrictEqual } from 'node:util';
import type { WatchEventMessage } from '../../client/control-messages.ts';
import { followOperation } from '../../client/follow-operation.ts';
import { followWatch } from '../../client/follow-watch.ts';
import { operationJson, watchEventJson } from '../../client/json.ts';
import type { LongrunningClient } from '../../client/longrunning-client.ts';
import type { OperationMessage } from '../../client/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { ExitStatus } from '../exit-status.ts';
import { watchLine } from '../format/watch-line.ts';
import { isUnimplemented } from '../is-unimplemented.ts';
import { operationExitStatus } from '../operation-exit-status.ts';
import { looksOf, printJson, printLines, printNotice } from '../print.ts';
import { type ServerOptions } from '../server-options.ts';
import { withClient } from '../with-client.ts';
import { UsageError } from '../usage-error.ts';

export interface WatchOptions extends ServerOptions {
  /** A collection, in place of a name. */
  readonly parent?: string;
  readonly filter?: string;
}

/** Between two looks at a server that cannot tell changes, milliseconds. */
const LOOK_MS = 1000;

/**
 * `longrunning operations watch NAME` or `watch --parent COLLECTION`: each change as it comes.
 *
 * @returns for one operation, how it has ended.
 */
export function operationsWatch(
  name: string | undefined,
  options: WatchOptions,
  context: CommandContext,
): Promise<number> {
  const { parent, filter } = options;
  if ((name === undefined) === (parent === undefined)) {
    throw new UsageError('name one operation, or a collection with --parent');
  }
  if (name !== undefined && filter !== undefined) throw new UsageError('--filter goes with --parent');
  return withClient(options, context, async (client, signal) => {
    const request =
      name === undefined
        ? { ...(parent === undefined ? {} : { parent }), ...(filter === undefined ? {} : { filter }) }
        : { name };
    let last: OperationMessage | undefined;
    for await (const event of eventsOf(client, request, { context, signal })) {
      last = event.changed?.operation ?? last;
      print(event, options, context);
    }
    return name === undefined || last?.done !== true ? ExitStatus.DONE : operationExitStatus(last);
  });
}

interface WatchParts {
  readonly context: CommandContext;
  readonly signal: AbortSignal;
}

/** By OperationControl; where the server does not have it, by looking at the one operation again and again. */
async function* eventsOf(
  client: LongrunningClient,
  request: { readonly name?: string; readonly parent?: string; readonly filter?: string },
  { context, signal }: WatchParts,
): AsyncGenerator<WatchEventMessage> {
  const { clock } = context;
  try {
    yield* followWatch(request, { control: client.control, limits: client.limits, clock, signal });
  } catch (error) {
    if (!isUnimplemented(error)) throw error;
    if (request.name === undefined) {
      throw new UsageError(
        `the server at ${client.address} cannot watch collections: it does not serve longrunning.control.v1.OperationControl; watch one operation by its name`,
      );
    }
    printNotice(context, `the server at ${client.address} does not tell changes by itself; it is asked every second`);
    yield* lookedAt(client, request.name, { context, signal });
  }
}

async function* lookedAt(
  client: LongrunningClient,
  name: string,
  { context, signal }: WatchParts,
): AsyncGenerator<WatchEventMessage> {
  const { operations, limits } = client;
  const states = followOperation(name, { operations, limits, clock: context.clock, everyMs: LOOK_MS, signal });
  let before: unknown;
  for await (const operation of states) {
    const seen = operationJson(operation);
    if (isDeepStrictEqual(seen, before)) continue;
    before = seen;
    yield { changed: { operation } };
  }
}

function print(event: WatchEventMessage, { json }: WatchOptions, context: CommandContext): void {
  if (json === true) {
    printJson(context, watchEventJson(event));
    return;
  }
  const line = watchLine(event, context.clock.now(), looksOf(context));
  if (line !== undefined) printLines(context, [line]);
}
