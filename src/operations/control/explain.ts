/** Why an operation is still queued, and what will happen to it by itself: pure functions of the record and of what is known. */
import { codeName } from '../../core/code.ts';
import { AT_ONCE, isDone, isLeased, waitsAfter, type Operation } from '../operation.ts';
import { graceEndOf, runEndOf } from '../timers.ts';
import type { WorkerStatus } from '../worker-directory.ts';

export type QueuedKind =
  | 'NO_WORKER'
  | 'DELAYED'
  | 'BACKING_OFF'
  | 'BEHIND_OTHERS'
  | 'RUNS_ALONE'
  | 'NO_FREE_SLOT'
  | 'QUARANTINED'
  | 'NO_OWNER'
  | 'SHARE_TAKEN'
  | 'ABOUT_TO_BE_TAKEN';

export interface QueuedReason {
  readonly kind: QueuedKind;
  readonly message: string;
  readonly untilTimeMs?: number;
  readonly aheadCount?: number;
}

export type DueKind = 'DUE' | 'DEADLINE' | 'RUN_TIMEOUT' | 'CANCEL_GRACE_END' | 'LEASE_END' | 'ABANDONED' | 'EXPIRY';

export interface DueEvent {
  readonly kind: DueKind;
  readonly timeMs: number;
}

export interface QueueFacts {
  readonly workers: readonly WorkerStatus[];
  /** Operations that are taken first, counted up to a limit. */
  readonly aheadCount: number;
  /** Operations of its collection that are under way, counted up to the share of a worker that takes its kind. */
  readonly leasedCount: number;
  /** From so many deaths on an operation runs alone. */
  readonly deathCountAlone: number;
}

/** The reasons, the strongest first; none unless it is queued. */
export function queuedReasons(operation: Operation, now: number, facts: QueueFacts): readonly QueuedReason[] {
  if (operation.state !== 'QUEUED') return [];
  if (operation.owner !== undefined) return [noOwner(operation)];
  const workers = facts.workers.filter(({ kinds }) => kinds.includes(operation.kind));
  const reasons = [
    workers.length === 0 ? noWorker(operation) : undefined,
    operation.dueTimeMs > now ? notDue(operation) : undefined,
    workers.length > 0 && workers.every(({ quarantined }) => quarantined) ? quarantined(workers) : undefined,
    operation.deathCount >= facts.deathCountAlone ? runsAlone(operation) : undefined,
    hasItsShare(workers, facts.leasedCount) ? shareTaken(operation, facts.leasedCount) : undefined,
    facts.aheadCount > 0 ? behindOthers(facts.aheadCount) : undefined,
    isFull(workers) ? noFreeSlot(workers) : undefined,
  ].filter((reason) => reason !== undefined);
  return reasons.length > 0 ? reasons : [{ kind: 'ABOUT_TO_BE_TAKEN', message: 'nothing is in its way' }];
}

/** What will happen to it by itself, the earliest first. @param leaseLeftMs  of the session that holds it, where it is known. */
export function dueEvents(operation: Operation, now: number, leaseLeftMs: number | undefined): readonly DueEvent[] {
  const { state, owner, dueTimeMs } = operation;
  const isLive = !isDone(operation);
  const times: Record<DueKind, number | undefined> = {
    DUE: state === 'QUEUED' && owner === undefined && dueTimeMs !== AT_ONCE && dueTimeMs > now ? dueTimeMs : undefined,
    DEADLINE: isLive && state !== 'CANCELLING' ? operation.deadlineTimeMs : undefined,
    RUN_TIMEOUT: runEndOf(operation),
    CANCEL_GRACE_END: graceEndOf(operation),
    LEASE_END: isLeased(operation) && owner !== undefined && leaseLeftMs !== undefined ? now + leaseLeftMs : undefined,
    ABANDONED: state === 'QUEUED' && owner !== undefined ? operation.abandonTimeMs : undefined,
    EXPIRY: operation.expireTimeMs,
  };
  return Object.entries(times)
    .flatMap(([kind, timeMs]) => (timeMs === undefined ? [] : [{ kind: kind as DueKind, timeMs }]))
    .sort((left, right) => left.timeMs - right.timeMs);
}

function isFull(workers: readonly WorkerStatus[]): boolean {
  const open = workers.filter(({ quarantined }) => !quarantined);
  return open.length > 0 && open.every(({ freeCount }) => freeCount === 0);
}

/** Whether each worker that takes its kind would first have to see others of its collection end. */
function hasItsShare(workers: readonly WorkerStatus[], leasedCount: number): boolean {
  return workers.length > 0 && workers.every(({ share }) => share !== undefined && leasedCount >= share.leasedCountMax);
}

function shareTaken({ collection }: Operation, leasedCount: number): QueuedReason {
  const message = `${String(leasedCount)} operations of ${collection} are in progress, as many as may be; waits for one to end`;
  return { kind: 'SHARE_TAKEN', message };
}

function noOwner({ abandonTimeMs }: Operation): QueuedReason {
  return {
    kind: 'NO_OWNER',
    message: 'its owner is gone, and none has acquired it',
    ...(abandonTimeMs === undefined ? {} : { untilTimeMs: abandonTimeMs }),
  };
}

function noWorker({ kind }: Operation): QueuedReason {
  return { kind: 'NO_WORKER', message: `no worker of this process takes ${kind}` };
}

function notDue(operation: Operation): QueuedReason {
  const { dueTimeMs, attemptCount, failureCount, deathCount } = operation;
  if (attemptCount === 0) return { kind: 'DELAYED', message: 'its delay is not over', untilTimeMs: dueTimeMs };
  const { status } = waitsAfter(operation) ?? {};
  const counts = `${String(failureCount)} failures, ${String(deathCount)} deaths`;
  const last = status === undefined ? '' : `; the last: ${codeName(status.code)}, ${status.message}`;
  return { kind: 'BACKING_OFF', message: `the next attempt waits after ${counts}${last}`, untilTimeMs: dueTimeMs };
}

function runsAlone({ deathCount }: Operation): QueuedReason {
  return { kind: 'RUNS_ALONE', message: `waits to run alone, as ${String(deathCount)} attempts died` };
}

function behindOthers(aheadCount: number): QueuedReason {
  return { kind: 'BEHIND_OTHERS', message: `${String(aheadCount)} others are taken first`, aheadCount };
}

function noFreeSlot(workers: readonly WorkerStatus[]): QueuedReason {
  return { kind: 'NO_FREE_SLOT', message: `every slot of ${namesOf(workers)} is taken` };
}

function quarantined(workers: readonly WorkerStatus[]): QueuedReason {
  return { kind: 'QUARANTINED', message: `${namesOf(workers)} is given no work, as some of its work does not stop` };
}

function namesOf(workers: readonly WorkerStatus[]): string {
  return workers.map(({ name }) => name).join(', ');
}
