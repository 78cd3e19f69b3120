import type { Database } from '../database.ts';
import { costOf, type Selection } from '../list.ts';
import { isLastPage } from '../list-page.ts';
import { isDone, STATES, type Operation, type State } from '../operation.ts';
import type { ListCursor, ListQuery } from '../operation-repository.ts';
import type { Operations } from '../operations.ts';
import type { TaskHandler } from '../task.ts';
import { TurnBudget } from '../../core/turn-budget.ts';
import { NONE_CANCELLED, type BulkCancelCodec, type BulkCancelCounts } from './bulk-cancel.ts';
import { bulkCancelSelection, type BulkCancelRules } from './bulk-cancel-selection.ts';

export interface BulkCancelHandlerOptions extends BulkCancelRules {
  readonly database: Database;
  readonly operations: Pick<Operations, 'cancelMany'>;
  readonly codec: BulkCancelCodec;
  readonly nextTurn: () => Promise<void>;
  /** Bytes that a filter goes through in one turn of the event loop. */
  readonly turnBytes: number;
}

/** Carries out the operations that class BulkCancels queues. */
export class BulkCancelHandler {
  readonly #options: BulkCancelHandlerOptions;

  constructor(options: BulkCancelHandlerOptions) {
    this.#options = options;
  }

  /**
   * Carries one out, page by page, each with a checkpoint. What was created after it is left alone, so that it ends. After a kill the page
   * under way is done again; of that page it counts what it finds.
   */
  readonly handle: TaskHandler = async (task, context) => {
    const { codec, database } = this.#options;
    const request = codec.decodeRequest(task.request);
    const selection = bulkCancelSelection(request, this.#options);
    const begun = context.checkpoint === undefined ? undefined : codec.decodeCheckpoint(context.checkpoint);
    let counts = begun?.counts ?? NONE_CANCELLED;
    let after = begun?.after;
    for (;;) {
      context.signal.throwIfAborted();
      if (context.suspend.aborted) return 'suspended';
      const query = this.#queryOf(selection, task.createTimeMs, after);
      const page = query.states?.length === 0 ? [] : await database.operations.list(query);
      counts = add(counts, await this.#cancel(page, selection, task.name));
      const last = page.at(-1);
      if (last === undefined || isLastPage(page, query)) {
        context.reportProgress(codec.encodeMetadata(request, counts), standardOf(counts));
        return { response: codec.encodeResponse(counts) };
      }
      after = { createTimeMs: last.createTimeMs, name: last.name };
      const checkpoint = codec.encodeCheckpoint({ after, counts });
      await context.saveCheckpoint(checkpoint, codec.encodeMetadata(request, counts), standardOf(counts));
    }
  };

  #queryOf(selection: Selection, createTimeMs: number, after: ListCursor | undefined): ListQuery {
    const { limits } = this.#options;
    const { createTimeMaxMs = createTimeMs, states = STATES } = selection.query;
    return {
      ...selection.query,
      states: states.filter(isLive),
      createTimeMaxMs: Math.min(createTimeMaxMs, createTimeMs),
      ...(after === undefined ? {} : { after }),
      limit: limits.bulkCancelCountMax,
      bytesMax: limits.bulkCancelReadBytesMax,
    };
  }

  /** Itself it does not cancel, whatever the filter says. */
  async #cancel(page: readonly Operation[], selection: Selection, self: string): Promise<BulkCancelCounts> {
    const { operations, nextTurn, turnBytes } = this.#options;
    const turns = new TurnBudget(nextTurn, turnBytes);
    const names: string[] = [];
    for (const operation of page) {
      await turns.spend(costOf(operation, selection));
      if (operation.name !== self && selection.matches?.(operation) !== false) names.push(operation.name);
    }
    const cancelled = await operations.cancelMany(names, { reason: 'user', actor: self });
    return { matched: names.length, cancelled };
  }
}

function isLive(state: State): boolean {
  return !isDone({ state });
}

function add(left: BulkCancelCounts, right: BulkCancelCounts): BulkCancelCounts {
  return { matched: left.matched + right.matched, cancelled: left.cancelled + right.cancelled };
}

function standardOf({ matched, cancelled }: BulkCancelCounts): { items: { done: number; skipped: number } } {
  return { items: { done: matched, skipped: matched - cancelled } };
}
