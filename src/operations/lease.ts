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
import { AT_ONCE, isDone, isLeased, type Cancellation, type Operation } from './operation.ts';
import { end, endCancelled } from './transitions.ts';

/** Names one grant of one operation: on every write of a worker. */
export interface Lease {
  readonly name: string;
  readonly fence: bigint;
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
  return operation.state === 'QUEUED' && operation.dueTimeMs <= now;
}

/** Grants the operation to a session under a new fence; a record that is not claimable comes back as it is. */
export function claim(operation: Operation, now: number, session: string): Operation {
  if (!isClaimable(operation, now)) return operation;
  return {
    ...operation,
    state: 'RUNNING',
    session,
    fence: operation.fence + 1n,
    startTimeMs: operation.startTimeMs ?? now,
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

export function recordProgress(operation: Operation, lease: Lease, metadata: Any): Operation {
  assertHolds(operation, lease);
  return { ...operation, metadata };
}

/** Stores what the next attempt starts from. Progress that is safe shows that the work does not kill its process. */
export function recordCheckpoint(operation: Operation, lease: Lease, checkpoint: Any, metadata?: Any): Operation {
  assertHolds(operation, lease);
  return { ...operation, checkpoint, deathCount: 0, ...(metadata === undefined ? {} : { metadata }) };
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
  const failureCount = operation.failureCount + 1;
  const failed = { ...operation, failureCount };
  const again = failure.retryable && operation.state !== 'CANCELLING' && failureCount < operation.attemptCountMax;
  if (!again) return end(failed, now, 'FAILED', { error: failure.status });
  if (operation.state === 'SUSPENDING') return handBack(failed);
  return requeue(failed, now + backoffDelayMs(failureCount, failure.policy.failureBackoff, failure.policy.random));
}

/** The work stopped because it was asked to: CANCELLED, or back where the interrupt found it when nobody cancelled. */
export function stop(operation: Operation, now: number, lease: Lease, legs: CancelLegs = {}): Operation {
  assertHolds(operation, lease);
  if (operation.state === 'CANCELLING') return endCancelled(withLegs(operation, legs), now, true);
  return handBack(operation);
}

/** The grace is over and the work has not confirmed its stop: CANCELLED by force, the fence refuses all it may still write. */
export function revoke(operation: Operation, now: number, lease: Lease, legs: CancelLegs = {}): Operation {
  assertHolds(operation, lease);
  if (operation.state === 'CANCELLING') return endCancelled(withLegs(operation, legs), now, false);
  return handBack(operation);
}

/**
 * The session that held the operation is gone.
 *
 * A cancel that was under way is finished without another attempt; a pause stands; other work is queued again, its death
 * counted.
 *
 * @param proven  whether the holder is known to be dead, not only silent.
 */
export function recover(operation: Operation, now: number, policy: RetryPolicy, proven: boolean): Operation {
  if (isDone(operation) || !isLeased(operation)) return operation;
  if (operation.state === 'CANCELLING') return endCancelled(operation, now, proven);
  if (operation.state === 'SUSPENDING') return handBack(operation);
  const deathCount = operation.deathCount + 1;
  const died = { ...operation, deathCount };
  if (deathCount >= policy.deathCountMax) return end(died, now, 'FAILED', { error: tooManyDeaths(died) });
  if (deathCount < policy.deathCountAlone) return requeue(died, AT_ONCE);
  const backoffMs = backoffDelayMs(deathCount - policy.deathCountAlone + 1, policy.deathBackoff, policy.random);
  return requeue(died, now + backoffMs);
}

function handBack(operation: Operation): Operation {
  if (operation.state !== 'SUSPENDING') return requeue(operation, AT_ONCE);
  const { session: _session, ...rest } = operation;
  return { ...rest, state: 'PAUSED' };
}

function requeue(operation: Operation, dueTimeMs: number): Operation {
  const { session: _session, ...rest } = operation;
  return { ...rest, state: 'QUEUED', dueTimeMs };
}

function withLegs(operation: Operation, legs: CancelLegs): Operation {
  return operation.cancel === undefined ? operation : { ...operation, cancel: { ...operation.cancel, ...legs } };
}

function tooManyDeaths(operation: Operation): Status {
  return {
    code: Code.INTERNAL,
    message: `${operation.name} was given up after ${String(operation.deathCount)} attempts whose process died`,
    info: {
      reason: 'ATTEMPTS_DIED',
      metadata: { operation: operation.name, deathCount: String(operation.deathCount) },
    },
  };
}
