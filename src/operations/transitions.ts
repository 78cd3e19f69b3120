/**
 * What clients may do to an operation, as pure functions `(operation, now) → operation`.
 *
 * A function that has nothing to change returns the record it was given, and then nothing is written. What workers
 * may do is in lease.ts.
 */
import { Code } from '../core/code.ts';
import type { CancelReason } from '../core/cancellation.ts';
import { StatusError, type Status } from '../core/status-error.ts';
import { AT_ONCE, isDone, isLeased, type Cancellation, type Operation, type Result } from './operation.ts';

/** Who asks for an operation's end, and why. */
export interface CancelRequest {
  readonly reason: CancelReason;
  readonly actor: string;
}

/**
 * Asks for the operation's end.
 *
 * Done: nothing changes. Held by no attempt: CANCELLED at once. Held by one: CANCELLING, and the attempt's outcome decides.
 * Where others are parts of it, their cancels follow from this one's record.
 * Asking again changes nothing, so that the first request's time and actor stand.
 */
export function requestCancel(operation: Operation, now: number, request: CancelRequest): Operation {
  if (isDone(operation) || operation.state === 'CANCELLING') return operation;
  const cancel: Cancellation = { ...request, requestTimeMs: now };
  const asked: Operation = { ...operation, cancel, ...(operation.hasChildren === true ? { cascading: true } : {}) };
  if (isLeased(operation)) return { ...asked, state: 'CANCELLING' };
  return endCancelled(asked, now, true);
}

/**
 * Asks the work to finish what is in flight and to pause.
 *
 * @throws StatusError FAILED_PRECONDITION unless the operation is queued or running.
 */
export function requestSuspend(operation: Operation): Operation {
  if (operation.state === 'QUEUED') return { ...operation, state: 'PAUSED' };
  if (operation.state === 'RUNNING') return { ...operation, state: 'SUSPENDING' };
  throw wrongState(operation, 'paused', 'only an operation that is queued or in progress can be');
}

/**
 * Queues paused work again.
 *
 * @throws StatusError FAILED_PRECONDITION unless the operation is paused.
 */
export function resume(operation: Operation): Operation {
  if (operation.state === 'PAUSED') return { ...operation, state: 'QUEUED', dueTimeMs: AT_ONCE };
  throw wrongState(operation, 'resumed', 'only a paused operation can be');
}

/** Hides the operation. A repository drops a record that is both deleted and done; work that runs goes on. */
export function markDeleted(operation: Operation): Operation {
  return operation.deleted ? operation : { ...operation, deleted: true };
}

/**
 * Makes sure that the operation knows of children, so that its cancel looks for them. One whose cancel was asked for stays as it
 * is: its new children are to be cancelled from the start.
 *
 * @throws StatusError FAILED_PRECONDITION (reason PARENT_DONE) when it ended in another way.
 */
export function expectChildren(parent: Operation): Operation {
  if (parent.cancel !== undefined) return parent;
  if (isDone(parent)) {
    throw new StatusError(Code.FAILED_PRECONDITION, `${parent.name} is ${parent.state} and can have no more parts`, {
      reason: 'PARENT_DONE',
      metadata: { operation: parent.name, state: parent.state },
    });
  }
  return parent.hasChildren === true ? parent : { ...parent, hasChildren: true };
}

/** Says that the cancel has been carried to every child. */
export function endCascade(operation: Operation): Operation {
  if (operation.cascading === undefined) return operation;
  const { cascading: _cascading, ...rest } = operation;
  return rest;
}

/** The terminal record: the lease and what only a live operation needs are gone, the expiry stands. */
export function end(
  operation: Operation,
  now: number,
  state: 'SUCCEEDED' | 'FAILED' | 'CANCELLED',
  result: Result,
): Operation {
  const { session: _session, checkpoint: _checkpoint, ...kept } = operation;
  const { attemptStartTimeMs: _start, abandonTimeMs: _abandon, ...rest } = kept;
  return { ...rest, state, result, endTimeMs: now, expireTimeMs: now + operation.retentionMs };
}

/**
 * CANCELLED, its legs closed.
 *
 * @param stopConfirmed  false when nobody knows that the work has stopped.
 */
export function endCancelled(operation: Operation, now: number, stopConfirmed: boolean): Operation {
  const asked: Cancellation = operation.cancel ?? { reason: 'admin', actor: '', requestTimeMs: now };
  const cancel: Cancellation = { ...asked, ...(stopConfirmed ? { stopTimeMs: now } : {}), stopConfirmed };
  return { ...end(operation, now, 'CANCELLED', { error: cancelledStatus(operation.name, cancel) }), cancel };
}

/**
 * operations.proto: after cancellation the operation has "an `Operation.error` value with a `google.rpc.Status.code` of `1`".
 * One that its own deadline cancelled has the code that says so.
 */
function cancelledStatus(name: string, cancel: Cancellation): Status {
  const times = {
    cancelRequestTime: isoTime(cancel.requestTimeMs),
    ...(cancel.deliverTimeMs === undefined ? {} : { cancelDeliverTime: isoTime(cancel.deliverTimeMs) }),
    ...(cancel.acknowledgeTimeMs === undefined ? {} : { cancelAcknowledgeTime: isoTime(cancel.acknowledgeTimeMs) }),
    ...(cancel.stopTimeMs === undefined ? {} : { cancelStopTime: isoTime(cancel.stopTimeMs) }),
  };
  const confirmation =
    cancel.stopConfirmed === true ? 'the work has stopped' : 'the work did not confirm its stop in time';
  const isLate = cancel.reason === 'deadline';
  return {
    code: isLate ? Code.DEADLINE_EXCEEDED : Code.CANCELLED,
    message: `${name} ${isLate ? 'has passed its deadline' : 'was cancelled'}; ${confirmation}`,
    info: {
      reason: isLate ? 'OPERATION_DEADLINE_EXCEEDED' : 'OPERATION_CANCELLED',
      metadata: {
        operation: name,
        cancelReason: cancel.reason,
        stopConfirmed: String(cancel.stopConfirmed === true),
        ...times,
      },
    },
  };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** FAILED_PRECONDITION: the operation is not in a state from which it can be what was asked for. */
export function wrongState(operation: Operation, done: string, rule: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `${operation.name} is ${operation.state} and cannot be ${done}; ${rule}`,
    {
      reason: 'OPERATION_STATE_FORBIDS',
      metadata: { operation: operation.name, state: operation.state },
    },
  );
}
