import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { invalidArgument, StatusError } from '../core/status-error.ts';
import { changeEach } from './change-each.ts';
import { assertSameRequest, createOperation, type CreateDefaults, type CreateOperation } from './create.ts';
import type { Database } from './database.ts';
import type { Interrupter } from './interrupter.ts';
import { encoding } from './encoding.ts';
import { listOperations, type ListLimits, type ListPage, type ListRequest } from './list.ts';
import type { Operation } from './operation.ts';
import type { Change, InsertResult, SideWrites } from './operation-repository.ts';
import type { PageTokens } from './page-token.ts';
import type { AnyResolver, OperationEncoder } from './presenter.ts';
import type { Surface, SurfaceMethod, SurfaceTable } from './surface.ts';
import { markDeleted, requestCancel, requestSuspend, resume, type CancelRequest } from './transitions.ts';
import { notFound, visible } from './visible.ts';
import { Waits, type WaitLimits, type WaitOptions, type WaitResult } from './waits.ts';

export interface OperationsLimits extends WaitLimits, CreateDefaults, ListLimits {}

export interface OperationsOptions {
  readonly database: Database;
  readonly surfaces: SurfaceTable;
  readonly encode: OperationEncoder;
  readonly resolver: AnyResolver;
  readonly pageTokens: PageTokens;
  readonly interrupter: Interrupter;
  readonly clock: Clock;
  readonly nextTurn: () => Promise<void>;
  readonly logger: Logger;
  readonly limits: OperationsLimits;
}

/**
 * google.longrunning.Operations for every surface, free of transport: what clients do to operations. What workers do is class Leases.
 *
 * Names choose the surface, the surface the rules. All methods throw StatusErrors with the codes of SURFACE.md §1.5; a deleted
 * operation is NOT_FOUND to all of them although its work may go on.
 */
export class Operations {
  readonly #options: OperationsOptions;
  readonly #waits: Waits;

  constructor(options: OperationsOptions) {
    this.#options = options;
    this.#waits = new Waits(options);
  }

  /** Parked waits. */
  get waiterCount(): number {
    return this.#waits.count;
  }

  /** The ErrorInfo domain for errors about a name, well formed or not. */
  domainOf(name: string): string {
    return this.#options.surfaces.domainOf(name);
  }

  /**
   * Queues a new operation, together with the writes it comes with.
   *
   * With a request id that is known, the operation of the first call comes back and nothing is written.
   * @throws StatusError INVALID_ARGUMENT for a name that is not the surface's, a malformed request, or a request id reused for something
   *   else; ABORTED while a live operation holds the exclusive key (metadata `holder`).
   */
  async create(input: CreateOperation, also?: SideWrites): Promise<InsertResult> {
    const { surfaces, resolver, clock, limits, encode, database } = this.#options;
    const surface = surfaces.ofOperation(input.name, 'get');
    if (surface.id !== input.surface) {
      const metadata = { name: input.name, surface: input.surface };
      throw invalidArgument('name', `${input.name} is not of surface ${input.surface}`, { metadata });
    }
    resolver.resolve(input.request);
    const operation = createOperation(input, clock.now(), limits);
    const result = await database.operations.insert({ ...operation, encoded: encode(operation) }, also);
    if (!result.created) assertSameRequest(input, result.operation);
    return result;
  }

  async get(name: string): Promise<Operation> {
    this.#surfaceOf(name, 'get');
    return this.#visible(name);
  }

  /** What `get` would find, where it is at hand; undefined says nothing. Polling is cheap because it needs no promise. */
  peek(name: string): Operation | undefined {
    this.#surfaceOf(name, 'get');
    const operation = this.#options.database.operations.peek(name);
    return operation === undefined ? undefined : visible(operation, name);
  }

  /** One page, newest first. A page may be short; only an empty token means the end. */
  async list(request: ListRequest): Promise<ListPage> {
    return listOperations(request, this.#options);
  }

  /**
   * The operation once it is done, or as it is when the time is up; never an error for "not yet".
   *
   * @throws StatusError INVALID_ARGUMENT for a negative timeout; NOT_FOUND also when it is deleted meanwhile; rejects with the signal's
   *   reason when the caller leaves.
   */
  async wait(name: string, options: WaitOptions): Promise<WaitResult> {
    this.#surfaceOf(name, 'wait');
    return this.#waits.wait(name, options);
  }

  /**
   * Asks for the operation's end; resolves when that is durable, not when the work has stopped.
   *
   * OK and without effect on an operation that is done or already being cancelled.
   */
  async cancel(name: string, request: CancelRequest): Promise<void> {
    this.#surfaceOf(name, 'cancel');
    await this.#change(name, (operation, now) => requestCancel(operation, now, request));
  }

  /**
   * As cancel, also of an operation that was deleted and whose work goes on.
   *
   * @returns it as it is then; undefined when there is none of this name.
   */
  async cancelRecord(name: string, request: CancelRequest): Promise<Operation | undefined> {
    try {
      return await this.#apply(name, (operation, now) => requestCancel(operation, now, request));
    } catch (error) {
      if (error instanceof StatusError && error.info.reason === 'OPERATION_NOT_FOUND') return undefined;
      throw error;
    }
  }

  /**
   * As cancel, for many in one write. Those that are gone, and those whose record cannot be written, are passed by.
   *
   * @returns how many cancels are this request's: not those of operations that are done or were being cancelled.
   * @throws StatusError when the storage fails.
   */
  async cancelMany(names: readonly string[], request: CancelRequest): Promise<number> {
    const { interrupter, logger } = this.#options;
    const change: Change = (operation, now) => (operation.deleted ? operation : requestCancel(operation, now, request));
    let askedCount = 0;
    await changeEach(this.#options, names, change, {
      written: (operation, hasChanged) => {
        if (hasChanged) askedCount += 1;
        if (operation.state === 'CANCELLING') interrupter.interrupt(operation);
      },
      refused: (name, error) => {
        logger.warn({ operation: name, error }, 'was passed by as others were cancelled');
      },
    });
    return askedCount;
  }

  /** Forgets the operation. Does not cancel: work that runs goes on. */
  async delete(name: string): Promise<void> {
    this.#surfaceOf(name, 'delete');
    await this.#change(name, markDeleted);
    // Deleted is deleted: what fails now must not make its caller delete again.
    await this.#waits.check(name);
  }

  /** Asks the work to pause. @throws StatusError FAILED_PRECONDITION unless it is queued or running. */
  async suspend(name: string): Promise<void> {
    this.#surfaceOf(name, 'pause');
    await this.#change(name, requestSuspend);
  }

  /** Queues paused work again. @throws StatusError FAILED_PRECONDITION unless it is paused. */
  async resume(name: string): Promise<void> {
    this.#surfaceOf(name, 'resume');
    await this.#change(name, resume);
  }

  /** Wakes waiters by the repository's hints until the signal aborts; then every wait that is left is answered with the current state. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#waits.run(signal);
  }

  #surfaceOf(name: string, method: SurfaceMethod): Surface {
    return this.#options.surfaces.ofOperation(name, method);
  }

  async #visible(name: string): Promise<Operation> {
    return visible(await this.#options.database.operations.get(name), name);
  }

  async #change(name: string, change: Change): Promise<void> {
    await this.#apply(name, (operation, now) => {
      if (operation.deleted) throw notFound(name);
      return change(operation, now);
    });
  }

  async #apply(name: string, change: Change): Promise<Operation> {
    const { database, encode, interrupter } = this.#options;
    const operation = await database.operations.update(name, encoding(change, encode));
    if (operation.state === 'CANCELLING' || operation.state === 'SUSPENDING') interrupter.interrupt(operation);
    return operation;
  }
}
