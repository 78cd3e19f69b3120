import type { Any } from '../../core/any.ts';
import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { invalidArgument, StatusError, type Status } from '../../core/status-error.ts';
import type { Database } from '../database.ts';
import {
  acquire,
  assertHolds,
  complete,
  fail,
  ownerTermsOf,
  recordCheckpoint,
  stop,
  withReport,
  type Lease,
  type Report,
  type RetryPolicy,
} from '../lease.ts';
import { encoding } from '../encoding.ts';
import { isLeased, type Operation } from '../operation.ts';
import type { Change, SideWrites } from '../operation-repository.ts';
import { notFound } from '../visible.ts';
import type { AnyResolver, OperationEncoder } from '../presenter.ts';
import type { SurfaceTable } from '../surface.ts';
import { grantOf, type OwnerGrant } from './creator.ts';
import { checkAny, checkContent } from './check-any.ts';
import type { ControlLimits } from './limits.ts';
import { hearCancel, isEndedBy, type OwnerEnd } from './owner-rules.ts';
import type { ResponsePublisher } from './response-publisher.ts';

export interface OwnersOptions {
  readonly database: Database;
  readonly surfaces: SurfaceTable;
  readonly encode: OperationEncoder;
  readonly resolver: AnyResolver;
  readonly policy: RetryPolicy;
  readonly newSession: () => string;
  /** What responses are published as, by kind. */
  readonly publishers: ReadonlyMap<string, ResponsePublisher>;
  readonly clock: Clock;
  readonly limits: ControlLimits;
}

export interface OwnerUpdate extends Report {
  readonly checkpoint?: Any;
  readonly acknowledgesCancel?: boolean;
}

/**
 * What owners outside do to the operations that they hold: OperationControl's part for those who do the work in their own way.
 *
 * A renewal comes before the check of the fence in the operation's lane: a recovery that is computed after it sees the session
 * alive, and one that came before it makes the check fail. So an owner that was answered holds its lease.
 */
export class Owners {
  readonly #options: OwnersOptions;

  constructor(options: OwnersOptions) {
    this.#options = options;
  }

  /** @throws StatusError NOT_FOUND, or as the rule `acquire` says. */
  async acquire(name: string): Promise<{ readonly operation: Operation; readonly grant: OwnerGrant }> {
    const { newSession, database, surfaces } = this.#options;
    surfaces.ofOperation(name, 'get');
    const session = newSession();
    const operation = await this.#change(name, (it, now) => {
      if (it.deleted) throw notFound(name);
      return acquire(it, now, session);
    });
    const owner = ownerTermsOf(operation);
    // Only now, so that who is refused leaves no session; a sweep that finds it unknown takes it in (expireSessions).
    await database.operations.renewSessions([session], owner.leaseDurationMs);
    return { operation, grant: grantOf(operation, owner) };
  }

  /** Renews the lease and stores what is reported. @throws StatusError NOT_FOUND, ABORTED (STALE_FENCE), INVALID_ARGUMENT. */
  async update(
    lease: Lease,
    update: OwnerUpdate,
  ): Promise<{ readonly operation: Operation; readonly leaseDurationMs: number }> {
    const { database, limits } = this.#options;
    this.#checkReport(update);
    checkAny('checkpoint', update.checkpoint, limits.checkpointSizeMaxBytes);
    const { session, leaseDurationMs } = await this.#held(lease);
    await database.operations.renewSessions([session], leaseDurationMs);
    const operation = await this.#change(lease.name, (it, now) => {
      assertHolds(it, lease);
      const { checkpoint, acknowledgesCancel = false } = update;
      const saved =
        checkpoint === undefined
          ? withReport(it, now, update)
          : recordCheckpoint(it, now, lease, { ...update, checkpoint });
      return hearCancel(saved, now, acknowledgesCancel);
    });
    return { operation, leaseDurationMs };
  }

  /**
   * Ends the operation, and publishes what its kind's publisher makes of the response in the same transaction.
   *
   * @throws StatusError NOT_FOUND, ABORTED (STALE_FENCE), FAILED_PRECONDITION (NO_CANCEL_REQUESTED), INVALID_ARGUMENT.
   */
  async complete(lease: Lease, outcome: { readonly response: Any } | 'cancelled', report: Report): Promise<Operation> {
    this.#checkReport(report);
    if (outcome === 'cancelled') {
      return this.#end(lease, 'cancelled', (it, now) => {
        if (it.state !== 'CANCELLING') throw noCancelRequested(it);
        return stop(withReport(it, now, report), now, lease);
      });
    }
    const { response } = outcome;
    checkAny('response', response, this.#options.limits.responseSizeMaxBytes);
    checkContent('response', response, this.#options.resolver);
    let metadataSizeBytes = 0;
    const change: Change = (it, now) => {
      const reported = withReport(it, now, report);
      metadataSizeBytes = reported.metadata?.value.byteLength ?? 0;
      return complete(reported, now, lease, response);
    };
    return this.#publish(lease, response, change).catch((error: unknown) => {
      throw isTooLarge(error) ? tooLargeTogether(error, response, metadataSizeBytes) : error;
    });
  }

  /** @throws StatusError NOT_FOUND, ABORTED (STALE_FENCE), INVALID_ARGUMENT. */
  async fail(lease: Lease, status: Status, report: Report & { readonly retryable: boolean }): Promise<Operation> {
    this.#checkReport(report);
    this.#checkDetails(status);
    const { retryable } = report;
    const failure = { status, retryable, policy: this.#options.policy };
    return this.#end(lease, { error: status, retryable }, (it, now) =>
      fail(withReport(it, now, report), now, lease, failure),
    );
  }

  #checkReport({ metadata }: Report): void {
    if (metadata === undefined) return;
    checkAny('metadata', metadata, this.#options.limits.metadataSizeMaxBytes);
    checkContent('metadata', metadata, this.#options.resolver);
  }

  /** Clients that decode what the server sends them fail at details that are none. */
  #checkDetails({ details = [] }: Status): void {
    for (const detail of details) {
      checkAny('error.details', detail, this.#options.limits.errorSizeMaxBytes);
      checkContent('error.details', detail, this.#options.resolver);
    }
  }

  async #publish(lease: Lease, response: Any, change: Change): Promise<Operation> {
    const resources = await this.#resourcesOf(lease, response);
    if (resources === undefined) return this.#end(lease, { response }, change);
    try {
      return await this.#end(lease, { response }, change, { resources });
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== Code.ALREADY_EXISTS) throw error;
      // The resources are this operation's own: the same call, made twice at once, has ended it.
      return this.#end(lease, { response }, () => {
        throw error;
      });
    }
  }

  /** Undefined where nothing is to be published: of an operation that the lease does not hold, `end` says what there is to say. */
  async #resourcesOf({ name, fence }: Lease, response: Any): Promise<SideWrites['resources']> {
    const { database, publishers, clock } = this.#options;
    const operation = await database.operations.get(name);
    if (operation === undefined || !isLeased(operation) || operation.fence !== fence) return undefined;
    return publishers.get(operation.kind)?.(operation, response, clock.now());
  }

  /** Applies an outcome, once: repeated, it is answered as it was. */
  async #end(lease: Lease, wanted: OwnerEnd, change: Change, also?: SideWrites): Promise<Operation> {
    this.#options.surfaces.ofOperation(lease.name, 'get');
    const ended: Change = (it, now) => {
      ownerTermsOf(it);
      if (isEndedBy(it, lease, wanted)) return it;
      assertHolds(it, lease);
      return change(it, now);
    };
    return this.#change(lease.name, ended, also);
  }

  async #held(lease: Lease): Promise<{ readonly session: string; readonly leaseDurationMs: number }> {
    const { database, surfaces } = this.#options;
    surfaces.ofOperation(lease.name, 'get');
    const operation = await database.operations.get(lease.name);
    if (operation === undefined) throw notFound(lease.name);
    const { leaseDurationMs } = ownerTermsOf(operation);
    assertHolds(operation, lease);
    return { session: operation.session ?? '', leaseDurationMs };
  }

  #change(name: string, change: Change, also?: SideWrites): Promise<Operation> {
    return this.#options.database.operations.update(name, encoding(change, this.#options.encode), also);
  }
}

function isTooLarge(error: unknown): error is StatusError {
  return error instanceof StatusError && error.info.reason === 'OPERATION_TOO_LARGE';
}

/** INVALID_ARGUMENT: each of them fits, and both together do not; the operation is as it was. */
function tooLargeTogether(cause: StatusError, response: Any, metadataSizeBytes: number): StatusError {
  const responseSize = String(response.value.byteLength);
  const metadataSize = String(metadataSizeBytes);
  const { sizeMaxBytes = '' } = cause.info.metadata ?? {};
  return invalidArgument(
    'response',
    `has ${responseSize} bytes and the metadata ${metadataSize}; an operation has at most ${sizeMaxBytes}, so make one of them smaller`,
    {
      reason: 'OPERATION_TOO_LARGE',
      metadata: { ...cause.info.metadata, responseSizeBytes: responseSize, metadataSizeBytes: metadataSize },
      cause,
    },
  );
}

function noCancelRequested({ name, state }: Operation): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `${name} is ${state}: nobody has asked for a cancel; complete it with a response, or fail it`,
    { reason: 'NO_CANCEL_REQUESTED', metadata: { operation: name, state } },
  );
}
