import { invalidArgument } from '../../core/status-error.ts';
import type { Database } from '../database.ts';
import { collectionOf } from '../list.ts';
import type { Operation } from '../operation.ts';
import type { Operations } from '../operations.ts';
import type { SurfaceTable } from '../surface.ts';
import { placeOf, requestIdOf } from './create-request.ts';
import type { PendingCancels, RequestKey } from './pending-cancels.ts';

export interface RequestCancellerOptions {
  readonly database: Database;
  readonly operations: Pick<Operations, 'cancelRecord'>;
  readonly pendingCancels: PendingCancels;
  readonly surfaces: SurfaceTable;
}

/** The operation, or until when the cancel waits for it. */
export type RequestCancelled = { readonly operation: Operation } | { readonly pendingUntilMs: number };

/** Cancels what a request id has made, or will make. */
export class RequestCanceller {
  readonly #options: RequestCancellerOptions;

  constructor(options: RequestCancellerOptions) {
    this.#options = options;
  }

  /**
   * Looks, keeps the cancel, and looks again: a create in between has either met the cancel, or is found.
   *
   * @throws StatusError as OperationControl.CancelByRequestId says.
   */
  async cancel(
    request: { readonly parent?: string; readonly requestId?: string },
    actor: string,
  ): Promise<RequestCancelled> {
    const { surfaces, pendingCancels } = this.#options;
    const { surface, parent } = placeOf(request, surfaces);
    const requestId = requestIdOf(request.requestId);
    if (requestId === undefined) throw invalidArgument('request_id', 'is required');
    const key = { surface: surface.id, collection: collectionOf(parent, surface), requestId };
    const before = await this.#cancelFound(key, actor);
    if (before !== undefined) return { operation: before };
    const pendingUntilMs = await pendingCancels.add(key, actor);
    const after = await this.#cancelFound(key, actor);
    if (after === undefined) return { pendingUntilMs };
    await pendingCancels.remove(key);
    return { operation: after };
  }

  async #cancelFound(key: Required<RequestKey>, actor: string): Promise<Operation | undefined> {
    const { database, operations } = this.#options;
    const found = await database.index.byRequestId(key.surface, key.collection, key.requestId);
    if (found === undefined) return undefined;
    // Deleted or not: whoever made it wants its work to end.
    return operations.cancelRecord(found.name, { reason: 'user', actor });
  }
}
