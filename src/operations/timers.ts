/**
 * What happens to an operation by itself, and when: deadlines, run timeouts and graces of owners, operations that no owner
 * takes, cancels that are still to be carried to children. All of it follows from the record, so that it outlives restarts.
 *
 * The times of attempts of this process's own workers are kept by them (workers/attempt.ts), as only they can stop the work.
 */
import { Code } from '../core/code.ts';
import type { Status } from '../core/status-error.ts';
import { failAttempt, type RetryPolicy } from './lease.ts';
import { AT_ONCE, isDone, type Operation } from './operation.ts';
import { end, endCancelled, requestCancel } from './transitions.ts';

/** A position in the order of timers: the earliest first. */
export interface TimerPosition {
  readonly timeMs: number;
  readonly name: string;
}

/** When something is to happen to the operation next; undefined when nothing is. */
export function timerOf(operation: Operation): number | undefined {
  return operation.cascading === true ? AT_ONCE : ownTimerOf(operation);
}

/** The same, of what `fireTimer` does: a cancel that is carried to children takes no notice of its operation's own times. */
export function ownTimerOf(operation: Operation): number | undefined {
  if (isDone(operation)) return undefined;
  const times = operation.state === 'CANCELLING' ? [graceEndOf(operation)] : liveTimes(operation);
  const earliest = Math.min(...times.map((time) => time ?? Infinity));
  return earliest === Infinity ? undefined : earliest;
}

/** The end of the grace that an owner was given; undefined where no owner was told of a cancel. */
export function graceEndOf({ owner, cancel, state }: Operation): number | undefined {
  if (state !== 'CANCELLING' || owner === undefined || cancel?.deliverTimeMs === undefined) return undefined;
  return cancel.deliverTimeMs + owner.cancelGraceMs;
}

/** When the attempt under way has taken as long as it may. */
export function runEndOf({ runTimeoutMs, attemptStartTimeMs, state }: Operation): number | undefined {
  if (state !== 'RUNNING' || runTimeoutMs === undefined || attemptStartTimeMs === undefined) return undefined;
  return attemptStartTimeMs + runTimeoutMs;
}

/** Does what is due, one thing: what is due after it, the next call does. A record with nothing due comes back as it is. */
export function fireTimer(operation: Operation, now: number, policy: RetryPolicy): Operation {
  const isOver = (time: number | undefined): boolean => time !== undefined && time <= now;
  if (isDone(operation)) return operation;
  if (operation.state === 'CANCELLING') {
    return isOver(graceEndOf(operation)) ? endCancelled(operation, now, false) : operation;
  }
  if (isOver(operation.deadlineTimeMs)) return requestCancel(operation, now, { reason: 'deadline', actor: '' });
  if (operation.owner === undefined) return operation;
  if (isOver(runEndOf(operation))) {
    return failAttempt(operation, now, { status: runTimedOut(operation), retryable: true, policy });
  }
  if (operation.state !== 'QUEUED' || !isOver(operation.abandonTimeMs)) return operation;
  return end(operation, now, 'FAILED', { error: abandoned(operation) });
}

function liveTimes(operation: Operation): readonly (number | undefined)[] {
  const { deadlineTimeMs, owner, abandonTimeMs, state } = operation;
  if (owner === undefined) return [deadlineTimeMs];
  return [deadlineTimeMs, runEndOf(operation), state === 'QUEUED' ? abandonTimeMs : undefined];
}

/** The failure of an attempt that took longer than it may. */
export function runTimedOut({ name, runTimeoutMs = 0 }: Pick<Operation, 'name' | 'runTimeoutMs'>): Status {
  return {
    code: Code.DEADLINE_EXCEEDED,
    message: `${name}: an attempt took longer than its run timeout of ${String(runTimeoutMs)} ms`,
    info: { reason: 'RUN_TIMEOUT', metadata: { operation: name, runTimeoutMs: String(runTimeoutMs) } },
  };
}

function abandoned({ name, attemptCount }: Operation): Status {
  const lack = attemptCount === 0 ? 'nobody' : 'it has lost its owner, and no other';
  return {
    code: Code.UNAVAILABLE,
    message: `${name} was given up: ${lack} has acquired it in time`,
    info: { reason: 'OWNER_GONE', metadata: { operation: name } },
  };
}
