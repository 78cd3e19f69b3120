import type { Clock } from '../../core/clock.ts';
import { StatusError } from '../../core/status-error.ts';
import {
  assertSameRequest,
  createOperation,
  requestIdReused,
  type CreateDefaults,
  type CreateOperation,
} from '../create.ts';
import type { Database } from '../database.ts';
import { grant } from '../lease.ts';
import { encoding } from '../encoding.ts';
import { isLeased, type Operation, type OwnerTerms } from '../operation.ts';
import type { InsertResult, InsertSideWrites } from '../operation-repository.ts';
import { visible } from '../visible.ts';
import type { AnyResolver, OperationEncoder } from '../presenter.ts';
import { expectChildren, requestCancel, type CancelRequest } from '../transitions.ts';
import { checkContent } from './check-any.ts';
import {
  checkCreateRequest,
  checkDeadline,
  shownExclusiveKey,
  type CreateRequest,
  type CreateRules,
} from './create-request.ts';
import type { PendingCancels } from './pending-cancels.ts';
import { retryRaces } from './retry-races.ts';

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

type Joined = Required<InsertSideWrites>['replaced'];

/** The fence of the grant that a creation makes. */
const FIRST_FENCE = 1n;

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
    const { resolver } = this.#options;
    checkContent('request', input.request, resolver);
    if (input.metadata !== undefined) checkContent('metadata', input.metadata, resolver);
    const result = await this.insert(input);
    const isNamed = request.operationId !== undefined && request.operationId !== '';
    if (isNamed && result.operation.name !== input.name) throw requestIdReused(result.operation);
    return this.#granted(result, input.owner);
  }

  /**
   * Makes an operation of a request that was checked, its deadline aside.
   *
   * A repeated call is answered as the first one was, whatever has become since of what that one needed.
   * @throws StatusError as OperationControl.CreateOperation says.
   */
  async insert(input: CreateOperation): Promise<InsertResult> {
    const result = await this.#insertNew(input).catch(async (error: unknown) => {
      const first = await this.#madeBefore(input);
      if (first === undefined) throw namingKey(error, input);
      return { operation: first, created: false };
    });
    if (!result.created) assertSameRequest(input, result.operation);
    return result;
  }

  async #insertNew(input: CreateOperation): Promise<InsertResult> {
    const { clock, limits } = this.#options;
    checkDeadline(input.deadlineTimeMs, clock.now());
    return retryRaces(limits.createTryCountMax, (tries) => this.#insertOnce(input, tries > 1));
  }

  /** @param looks  whether to look for a cancel that came before: only where the guard has found one. */
  async #insertOnce(input: CreateOperation, looks: boolean): Promise<InsertResult> {
    const { database, pendingCancels, encode, clock, defaults } = this.#options;
    const joined = input.parent === undefined ? undefined : await this.#join(input.parent);
    const parent = joined?.from;
    const pending = looks ? await pendingCancels.find(input) : undefined;
    const record = createOperation(input, clock.now(), defaults, parent);
    const cancel = cancelOf(parent) ?? pending?.request;
    const operation = this.#begun(record, cancel);
    const also: InsertSideWrites = {
      ...(joined === undefined ? {} : guardOf(joined)),
      resources: input.requestId === undefined ? [] : [pendingCancels.removal(input, pending)],
    };
    return database.operations.insert({ ...operation, encoded: encode(operation) }, also);
  }

  /**
   * The first state of the record: cancelled, held by its owner, or queued.
   *
   * The owner's session is not alive yet, as the insert may be refused: a sweep that finds it so takes it in (expireSessions).
   */
  #begun(record: Operation, cancel: CancelRequest | undefined): Operation {
    const now = record.createTimeMs;
    if (cancel !== undefined) return requestCancel(record, now, cancel);
    return record.owner === undefined ? record : grant(record, now, this.#options.newSession());
  }

  /** The parent as it is, and as it is once it knows of children. */
  async #join(name: string): Promise<Joined> {
    const { database, encode, clock } = this.#options;
    const from = visible(await database.operations.get(name), name);
    return { from, to: encoding(expectChildren, encode)(from, clock.now()) };
  }

  async #madeBefore({ surface, collection, requestId }: CreateOperation): Promise<Operation | undefined> {
    if (requestId === undefined) return undefined;
    return this.#options.database.index.byRequestId(surface, collection, requestId);
  }

  /** A repeated call gets the lease too that the first one made, as its answer may have been lost; another holder's does not. */
  async #granted(result: InsertResult, asked: OwnerTerms | undefined): Promise<Created> {
    const { operation } = result;
    const { owner, session } = operation;
    if (owner === undefined || session === undefined || !isLeased(operation) || operation.fence !== FIRST_FENCE)
      return result;
    if (owner.holder !== asked?.holder) return result;
    await this.#options.database.operations.renewSessions([session], owner.leaseDurationMs);
    return { ...result, grant: grantOf(operation, owner) };
  }
}

export function grantOf({ fence }: Operation, { leaseDurationMs }: OwnerTerms): OwnerGrant {
  return { fence, leaseDurationMs };
}

/** The key as the caller gave it, and no name of an operation that was not made. */
function namingKey(error: unknown, { exclusiveKey, surface, collection }: CreateOperation): unknown {
  if (!(error instanceof StatusError) || error.info.reason !== 'EXCLUSIVE_KEY_HELD') return error;
  const { holder = '' } = error.info.metadata ?? {};
  const key = shownExclusiveKey(exclusiveKey ?? '', surface, collection);
  return new StatusError(error.code, `exclusive_key: ${key} is held by ${holder} until it is done`, {
    reason: 'EXCLUSIVE_KEY_HELD',
    metadata: { key, holder },
    cause: error,
  });
}

/** Nothing of the parent changes unless the child is made. */
function guardOf({ from, to }: Joined): InsertSideWrites {
  const { name, createTimeMs, revision } = from;
  return from === to ? { unchanged: [{ name, createTimeMs, revision }] } : { replaced: { from, to } };
}

function cancelOf(parent: Operation | undefined): CancelRequest | undefined {
  return parent?.cancel === undefined ? undefined : { reason: 'parent-cancelled', actor: parent.cancel.actor };
}
