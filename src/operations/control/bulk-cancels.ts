import type { Any } from '../../core/any.ts';
import { invalidArgument } from '../../core/status-error.ts';
import type { Database } from '../database.ts';
import type { FilterLimits } from '../filter/parse-filter.ts';
import { selectionOf, type Selection } from '../list.ts';
import { isDone, STATES, type Operation, type State } from '../operation.ts';
import type { ListCursor, ListQuery } from '../operation-repository.ts';
import type { Operations } from '../operations.ts';
import type { AnyResolver } from '../presenter.ts';
import type { SurfaceTable } from '../surface.ts';
import type { TaskContext, TaskHandler } from '../task.ts';
import { requestIdOf } from './create-request.ts';
import type { ControlLimits } from './limits.ts';

/** The kind of the operations that carry out bulk cancels. */
export const BULK_CANCEL_KIND = 'longrunning.bulkCancel';

/** What is to be cancelled. */
export interface BulkCancelRequest {
  readonly parent: string;
  readonly filter: string;
}

export interface BulkCancelCounts {
  /** Operations that matched and were not done. */
  readonly matched: number;
  /** Those of them whose cancel this one asked for. */
  readonly cancelled: number;
}

/** What the next attempt starts from. */
export interface BulkCancelCheckpoint {
  readonly after: ListCursor;
  readonly counts: BulkCancelCounts;
}

/** Between these and the messages that are stored. */
export interface BulkCancelCodec {
  encodeRequest(request: BulkCancelRequest): Any;
  decodeRequest(request: Any): BulkCancelRequest;
  encodeMetadata(request: BulkCancelRequest, counts: BulkCancelCounts): Any;
  encodeResponse(counts: BulkCancelCounts): Any;
  encodeCheckpoint(checkpoint: BulkCancelCheckpoint): Any;
  decodeCheckpoint(checkpoint: Any): BulkCancelCheckpoint;
}

export interface BulkCancelsOptions {
  readonly database: Database;
  readonly operations: Pick<Operations, 'create' | 'cancelMany'>;
  readonly surfaces: SurfaceTable;
  readonly resolver: AnyResolver;
  readonly codec: BulkCancelCodec;
  readonly newId: () => string;
  readonly limits: ControlLimits;
  readonly filterLimits: FilterLimits;
}

const NONE: BulkCancelCounts = { matched: 0, cancelled: 0 };

/** Characters of a filter: as the proto says. */
const FILTER_LENGTH_MAX = 8192;

/** It is idempotent, and a storage that fails must not end it for good. */
const ATTEMPT_COUNT_MAX = 100;

/** Cancels all operations that match a filter, each bulk cancel as an operation of its own. */
export class BulkCancels {
  readonly #options: BulkCancelsOptions;

  constructor(options: BulkCancelsOptions) {
    this.#options = options;
  }

  /** Queues one. @throws StatusError INVALID_ARGUMENT for a parent or a filter that cannot be read. */
  async start(request: BulkCancelRequest, requestId: string | undefined): Promise<Operation> {
    const { codec, newId, operations } = this.#options;
    this.#selectionOf(request);
    const id = requestIdOf(requestId);
    const { operation } = await operations.create({
      name: `operations/${newId()}`,
      surface: 'longrunning',
      collection: 'operations',
      kind: BULK_CANCEL_KIND,
      request: codec.encodeRequest(request),
      metadata: codec.encodeMetadata(request, NONE),
      attemptCountMax: ATTEMPT_COUNT_MAX,
      ...(id === undefined ? {} : { requestId: id }),
    });
    return operation;
  }

  /**
   * Carries one out, page by page, each with a checkpoint. What was created after it is left alone, so that it ends. After a kill the page
   * under way is done again; of that page it counts what it finds.
   */
  readonly handler: TaskHandler = async (task, context) => {
    const { codec, limits } = this.#options;
    const request = codec.decodeRequest(task.request);
    const selection = this.#selectionOf(request);
    const begun = context.checkpoint === undefined ? undefined : codec.decodeCheckpoint(context.checkpoint);
    let counts = begun?.counts ?? NONE;
    let after = begun?.after;
    for (;;) {
      context.signal.throwIfAborted();
      if (context.suspend.aborted) return 'suspended';
      const page = await this.#page(selection, task.createTimeMs, after);
      counts = add(counts, await this.#cancel(page, selection, task.name));
      after = page.at(-1);
      if (after === undefined || page.length < limits.bulkCancelCountMax) {
        report(context, codec.encodeMetadata(request, counts), counts);
        return { response: codec.encodeResponse(counts) };
      }
      const checkpoint = codec.encodeCheckpoint({ after, counts });
      await context.saveCheckpoint(checkpoint, codec.encodeMetadata(request, counts), standardOf(counts));
    }
  };

  #page(selection: Selection, createTimeMs: number, after: ListCursor | undefined): Promise<readonly Operation[]> {
    const { createTimeMaxMs = createTimeMs, states = STATES } = selection.query;
    const query: ListQuery = {
      ...selection.query,
      states: states.filter(isLive),
      createTimeMaxMs: Math.min(createTimeMaxMs, createTimeMs),
      ...(after === undefined ? {} : { after }),
      limit: this.#options.limits.bulkCancelCountMax,
    };
    if (query.states?.length === 0) return Promise.resolve([]);
    return this.#options.database.operations.list(query);
  }

  /** Itself it does not cancel, whatever the filter says. */
  async #cancel(page: readonly Operation[], { matches }: Selection, self: string): Promise<BulkCancelCounts> {
    const names = page.filter((it) => it.name !== self && matches?.(it) !== false).map(({ name }) => name);
    const cancelled = await this.#options.operations.cancelMany(names, { reason: 'user', actor: self });
    return { matched: names.length, cancelled };
  }

  #selectionOf({ parent, filter }: BulkCancelRequest): Selection {
    const { surfaces, resolver, filterLimits } = this.#options;
    if (parent === '') throw invalidArgument('parent', 'is required');
    if (filter === '') throw invalidArgument('filter', 'is required; * is all operations of the parent');
    if (filter.length > FILTER_LENGTH_MAX) {
      throw invalidArgument('filter', `has more than ${String(FILTER_LENGTH_MAX)} characters`);
    }
    const surface = surfaces.ofList(parent);
    const isAll = filter === '*' && surface.filter === 'aip-160';
    return selectionOf({ name: parent, filter: isAll ? '' : filter }, surface, { resolver, limits: filterLimits });
  }
}

function isLive(state: State): boolean {
  return !isDone({ state });
}

function add(left: BulkCancelCounts, right: BulkCancelCounts): BulkCancelCounts {
  return { matched: left.matched + right.matched, cancelled: left.cancelled + right.cancelled };
}

function report(context: TaskContext, metadata: Any, counts: BulkCancelCounts): void {
  context.reportProgress(metadata, standardOf(counts));
}

function standardOf({ matched, cancelled }: BulkCancelCounts): { items: { done: number; skipped: number } } {
  return { items: { done: matched, skipped: matched - cancelled } };
}
