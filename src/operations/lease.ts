/**
 * What a worker may do to the operation it holds, as pure functions.
 *
 * Each takes the lease it acts under and throws STALE_FENCE (ABORTED) when that lease is no longer the operation's:
 * then somebody else may own the work, and the handler is to be aborted.
 */
import type { Any } from '../core/any.ts';
import { backoffDelayMs, type BackoffPolicy } from '../core/backoff.ts';
import { Code } from '../core/code.ts';
import { StatusError, type Status } from '../core/status-error.ts';
import { AT_ONCE, isDone, isLeased, type Cancellation, type Operation, type OwnerTerms } from './operation.ts';
import { nextProgress, type ProgressReport } from './progress.ts';
import { end, endCancelled, wrongState } from './transitions.ts';

/** Names one grant of one operation: on every write of a worker. */
export interface Lease {
  readonly name: string;
  readonly fence: bigint;
}

/** What a worker tells of its work. What is left out stays as it was. */
export interface Report {
  /** What clients see, or what its kind's Presenter makes it from. */
  readonly metadata?: Any;
  readonly progress?: ProgressReport;
}

/** When failed or dying work is tried again. */
export interface RetryPolicy {
  readonly failureBackoff: BackoffPolicy;
  readonly deathBackoff: BackoffPolicy;
  /** From this many deaths on the operation backs off and runs alone. */
  readonly deathCountAlone: number;
  /** At this many deaths without a checkpoint between them it is FAILED. */
  readonly deathCountMax: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Whether a claim may take the operation now. */
function isClaimable(operation: Operation, now: number): boolean {
  return operation.state === 'QUEUED' && operation.owner === undefined && operation.dueTimeMs <= now;
}

/** Grants the operation to a session under a new fence; a record that is not claimable comes back as it is. */
export function claim(operation: Operation, now: number, session: string): Operation {
  return isClaimable(operation, now) ? grant(operation, now, session) : operation;
}

/**
 * Grants an operation whose work is an owner's to another session of an owner, whatever backoff it waits for: that owner has
 * decided to go on.
 *
 * @throws StatusError FAILED_PRECONDITION when its work is a worker's (reason NOT_FOR_OWNERS), or unless it is queued.
 */
export function acquire(operation: Operation, now: number, session: string): Operation {
  ownerTermsOf(operation);
  if (operation.state === 'QUEUED') return grant(operation, now, session);
  throw wrongState(operation, 'acquired', 'only one that is queued can be, as it has no owner');
}

/** @throws StatusError FAILED_PRECONDITION (reason NOT_FOR_OWNERS): the fence of a worker is nobody else's to use. */
export function ownerTermsOf({ name, owner }: Operation): OwnerTerms {
  if (owner !== undefined) return owner;
  throw new StatusError(Code.FAILED_PRECONDITION, `${name} was not created to be held by an owner`, {
    reason: 'NOT_FOR_OWNERS',
    metadata: { operation: name },
  });
}

/** A new grant, whatever the state. */
export function grant(operation: Operation, now: number, session: string): Operation {
  const { abandonTimeMs: _abandon, ...rest } = operation;
  return {
    ...rest,
    state: 'RUNNING',
    session,
    fence: operation.fence + 1n,
    startTimeMs: operation.startTimeMs ?? now,
    attemptStartTimeMs: now,
    attemptCount: operation.attemptCount + 1,
  };
}

/** @throws StatusError ABORTED with reason STALE_FENCE unless the lease is the operation's current one. */
export function assertHolds(operation: Operation, lease: Lease): void {
  if (isLeased(operation) && operation.fence === lease.fence) return;
  throw new StatusError(
    Code.ABORTED,
    `${lease.name} is no longer held under fence ${String(lease.fence)}; stop the work`,
    {
      reason: 'STALE_FENCE',
      metadata: {
        operation: lease.name,
        fence: String(lease.fence),
        currentFence: String(operation.fence),
        state: operation.state,
      },
    },
  );
}

/** Whether an error says that the lease was lost. */
export function isStaleFence(error: unknown): boolean {
  return error instanceof StatusError && error.info.reason === 'STALE_FENCE';
}

export function recordProgress(operation: Operation, now: number, lease: Lease, report: Report): Operation {
  assertHolds(operation, lease);
  return withReport(operation, now, report);
}

/** Stores what the next attempt starts from. Progress that is safe shows that the work does not kill its process. */
export function recordCheckpoint(
  operation: Operation,
  now: number,
  lease: Lease,
  saved: Report & { readonly checkpoint: Any },
): Operation {
  assertHolds(operation, lease);
  return { ...withReport(operation, now, saved), checkpoint: saved.checkpoint, deathCount: 0 };
}

/** The record with what was reported; the same one when nothing was. */
export function withReport(operation: Operation, now: number, { metadata, progress }: Report): Operation {
  if (metadata === undefined && progress === undefined) return operation;
  const earlier = { previous: operation.progress, sinceMs: operation.attemptStartTimeMs ?? 0 };
  return {
    ...operation,
    ...(metadata === undefined ? {} : { metadata }),
    ...(progress === undefined ? {} : { progress: nextProgress(progress, now, earlier) }),
  };
}

/** When the interrupt reached the work and when the work said so; those legs of the cancel close with its end. */
export type CancelLegs = Pick<Cancellation, 'deliverTimeMs' | 'acknowledgeTimeMs'>;

/** The work resolved: SUCCEEDED, also when a cancel came too late to stop it. */
export function complete(operation: Operation, now: number, lease: Lease, response: Any): Operation {
  assertHolds(operation, lease);
  return end(operation, now, 'SUCCEEDED', { response });
}

/**
 * The work failed by itself.
 *
 * Retried after a backoff while `retryable` and failures remain, or PAUSED where a pause was asked for meanwhile; while
 * CANCELLING it never is, and the error is shown, never hidden as a cancel.
 */
export function fail(
  operation: Operation,
  now: number,
  lease: Lease,
  failure: { status: Status; retryable: boolean; policy: RetryPolicy },
): Operation {
  assertHolds(operation, lease);
  return failAttempt(operation, now, failure);
}

/** As fail, for whoever has taken the lease away. */
export function failAttempt(
  operation: Operation,
  now: number,
  failure: { status: Status; retryable: boolean; policy: RetryPolicy },
): Operation {
  const failureCount = operation.failureCount + 1;
  const failed = { ...operation, failureCount };
  const again = failure.retryable && operation.state !== 'CANCELLING' && failureCount < operation.attemptCountMax;
  if (!again) return end(failed, now, 'FAILED', { error: failure.status });
  const told = withFailure(failed, now, failure.status);
  if (operation.state === 'SUSPENDING') return handBack(told, now);
  return requeue(told, now, now + backoffDelayMs(failureCount, failure.policy.failureBackoff, failure.policy.random));
}

function withFailure(operation: Operation, now: number, { details: _details, ...status }: Status): Operation {
  return { ...operation, failure: { status, timeMs: now, attempt: operation.attemptCount } };
}

/** The work stopped because it was asked to: CANCELLED, or back where the interrupt found it when nobody cancelled. */
export function stop(operation: Operation, now: number, lease: Lease, legs: CancelLegs = {}): Operation {
  assertHolds(operation, lease);
  if (operation.state === 'CANCELLING') return endCancelled(withLegs(operation, legs), now, true);
  return handBack(operation, now);
}

/** The grace is over and the work has not confirmed its stop: CANCELLED by force, the fence refuses all it may still write. */
export function revoke(operation: Operation, now: number, lease: Lease, legs: CancelLegs = {}): Operation {
  assertHolds(operation, lease);
  if (operation.state === 'CANCELLING') return endCancelled(withLegs(operation, legs), now, false);
  return handBack(operation, now);
}

/**
 * The session that held the operation is gone.
 *
 * A cancel that was under way is finished without another attempt; a pause stands; other work is queued again, its death
 * counted.
 *
 * @param proven  whether a worker that held it is known to be dead, not only silent. Of an owner outside that is never known.
 */
export function recover(operation: Operation, now: number, policy: RetryPolicy, proven: boolean): Operation {
  if (isDone(operation) || !isLeased(operation)) return operation;
  if (operation.state === 'CANCELLING') return endCancelled(operation, now, proven && operation.owner === undefined);
  if (operation.state === 'SUSPENDING') return handBack(operation, now);
  const deathCount = operation.deathCount + 1;
  const died = { ...operation, deathCount };
  if (deathCount >= policy.deathCountMax) return end(died, now, 'FAILED', { error: deaths(died, 'was given up') });
  if (deathCount < policy.deathCountAlone) return requeue(died, now, AT_ONCE);
  const backoffMs = backoffDelayMs(deathCount - policy.deathCountAlone + 1, policy.deathBackoff, policy.random);
  return requeue(withFailure(died, now, deaths(died, 'is to run alone')), now, now + backoffMs);
}

function handBack(operation: Operation, now: number): Operation {
  if (operation.state !== 'SUSPENDING') return requeue(operation, now, AT_ONCE);
  return { ...withoutLease(operation), state: 'PAUSED' };
}

function requeue(operation: Operation, now: number, dueTimeMs: number): Operation {
  const { owner } = operation;
  const abandon = owner === undefined ? {} : { abandonTimeMs: now + owner.abandonAfterMs };
  return { ...withoutLease(operation), state: 'QUEUED', dueTimeMs, ...abandon };
}

function withoutLease(operation: Operation): Operation {
  const { session: _session, attemptStartTimeMs: _start, ...rest } = operation;
  return rest;
}

function withLegs(operation: Operation, legs: CancelLegs): Operation {
  return operation.cancel === undefined ? operation : { ...operation, cancel: { ...operation.cancel, ...legs } };
}

function deaths(operation: Operation, consequence: string): Status {
  return {
    code: Code.INTERNAL,
    message: `${operation.name} ${consequence} after ${String(operation.deathCount)} attempts whose process died`,
    info: {
      reason: 'ATTEMPTS_DIED',
      metadata: { operation: operation.name, deathCount: String(operation.deathCount) },
    },
  };
}
