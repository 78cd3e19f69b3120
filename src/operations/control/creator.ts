import type { Clock } from '../../core/clock.ts';
import { invalidArgument, StatusError } from '../../core/status-error.ts';
import { createOperation, type CreateDefaults, type CreateOperation } from '../create.ts';
import type { Database } from '../database.ts';
import { grant } from '../lease.ts';
import { encoding } from '../encoding.ts';
import { isLeased, type Operation, type OwnerTerms } from '../operation.ts';
import type { Change, InsertResult, SideWrites } from '../operation-repository.ts';
import { notFound } from '../operations.ts';
import type { AnyResolver, OperationEncoder } from '../presenter.ts';
import { expectChildren, requestCancel, type CancelRequest } from '../transitions.ts';
import { checkCreateRequest, checkDeadline, type CreateRequest, type CreateRules } from './create-request.ts';
import type { PendingCancels } from './pending-cancels.ts';

export interface CreatorOptions extends CreateRules {
  readonly database: Database;
  readonly pendingCancels: PendingCancels;
  readonly encode: OperationEncoder;
  readonly resolver: AnyResolver;
  readonly clock: Clock;
  readonly defaults: CreateDefaults;
  /** Ids of owners' sessions that nobody else will ever use. */
  readonly newSession: () => string;
}

/** What an owner acts under. */
export interface OwnerGrant {
  readonly fence: bigint;
  readonly leaseDurationMs: number;
}

export interface Created extends InsertResult {
  /** Present when the caller holds the operation. */
  readonly grant?: OwnerGrant;
}

/** The fence of the grant that a creation makes. */
const FIRST_FENCE = 1n;

/** What has changed between a read and the insert that relied on it; read again. */
const RACES: ReadonlySet<string> = new Set(['OPERATION_CHANGED', 'RESOURCE_EXISTS', 'RESOURCE_CHANGED']);

/**
 * Makes operations for OperationControl.
 *
 * A parent that was cancelled, and a cancel that came before its create, make an operation that is cancelled from the start. Both
 * are read first and guarded by the insert: what changes in between makes it start again, so that no cancel is missed.
 */
export class Creator {
  readonly #options: CreatorOptions;

  constructor(options: CreatorOptions) {
    this.#options = options;
  }

  /** @throws StatusError as OperationControl.CreateOperation says. */
  async create(request: CreateRequest): Promise<Created> {
    const input = checkCreateRequest(request, this.#options);
    const { resolver, defaults, clock } = this.#options;
    resolver.resolve(input.request);
    if (input.metadata !== undefined) resolver.resolve(input.metadata);
    await this.#checkDeadline(input);
    const result = await this.#insert(input);
    const { requestDigest } = createOperation(input, clock.now(), defaults);
    const isAnother = requestDigest !== result.operation.requestDigest;
    const isNamed = request.operationId !== undefined && request.operationId !== '';
    if (!result.created && (isAnother || (isNamed && result.operation.name !== input.name)))
      throw reused(result.operation);
    return this.#granted(result);
  }

  /** Repeated after its deadline, a call is answered as it was before. */
  async #checkDeadline(input: CreateOperation): Promise<void> {
    try {
      checkDeadline(input.deadlineTimeMs, this.#options.clock.now());
    } catch (error) {
      if ((await this.#madeBefore(input)) === undefined) throw error;
    }
  }

  async #insert(input: CreateOperation): Promise<InsertResult> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#insertOnce(input, tries > 1);
      } catch (error) {
        const isRace = error instanceof StatusError && RACES.has(error.info.reason);
        if (!isRace || tries >= this.#options.limits.createTryCountMax) throw error;
      }
    }
  }

  /** @param looks  whether to look for a cancel that came before: only where the guard has found one. */
  async #insertOnce(input: CreateOperation, looks: boolean): Promise<InsertResult> {
    const { database, pendingCancels, encode, clock, defaults } = this.#options;
    const parent = input.parent === undefined ? undefined : await this.#join(input.parent, input);
    const pending = looks ? await pendingCancels.find(input) : undefined;
    const record = createOperation(input, clock.now(), defaults);
    const cancel = cancelOf(parent) ?? pending?.request;
    const operation = await this.#begun(record, cancel);
    const also: SideWrites = {
      ...(parent === undefined ? {} : { unchanged: [{ name: parent.name, revision: parent.revision }] }),
      resources: input.requestId === undefined ? [] : [pendingCancels.removal(input, pending)],
    };
    return database.operations.insert({ ...operation, encoded: encode(operation) }, also);
  }

  /** The first state of the record: cancelled, held by its owner, or queued. */
  async #begun(record: Operation, cancel: CancelRequest | undefined): Promise<Operation> {
    const now = record.createTimeMs;
    if (cancel !== undefined) return requestCancel(record, now, cancel);
    if (record.owner === undefined) return record;
    const session = this.#options.newSession();
    // Before the insert, so that no sweep finds it without a session that is alive.
    await this.#options.database.operations.renewSessions([session], record.owner.leaseDurationMs);
    return grant(record, now, session);
  }

  /** The parent, which knows of children from now on. A repeated call needs none: its operation is there. */
  async #join(name: string, child: CreateOperation): Promise<Operation> {
    const { database, encode } = this.#options;
    const join: Change = (parent) => {
      if (parent.deleted) throw notFound(name);
      return expectChildren(parent);
    };
    try {
      return await database.operations.update(name, encoding(join, encode));
    } catch (error) {
      const first = await this.#madeBefore(child);
      const parent = first === undefined ? undefined : await database.operations.get(name);
      if (parent === undefined) throw error;
      return parent;
    }
  }

  async #madeBefore({ surface, collection, requestId }: CreateOperation): Promise<Operation | undefined> {
    if (requestId === undefined) return undefined;
    return this.#options.database.index.byRequestId(surface, collection, requestId);
  }

  /** A repeated call gets the lease too that the first one made, as its answer may have been lost. */
  async #granted(result: InsertResult): Promise<Created> {
    const { operation } = result;
    const { owner, session } = operation;
    if (owner === undefined || session === undefined || !isLeased(operation) || operation.fence !== FIRST_FENCE)
      return result;
    await this.#options.database.operations.renewSessions([session], owner.leaseDurationMs);
    return { ...result, grant: grantOf(operation, owner) };
  }
}

export function grantOf({ fence }: Operation, { leaseDurationMs }: OwnerTerms): OwnerGrant {
  return { fence, leaseDurationMs };
}

function cancelOf(parent: Operation | undefined): CancelRequest | undefined {
  return parent?.cancel === undefined ? undefined : { reason: 'parent-cancelled', actor: parent.cancel.actor };
}

function reused({ name }: Operation): StatusError {
  return invalidArgument('request_id', `was used for another request, that of ${name}; take a new one`, {
    reason: 'REQUEST_ID_REUSED',
    metadata: { operation: name },
  });
}
