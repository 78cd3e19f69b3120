import { AT_ONCE, type AttemptFailure, type Operation } from './operation.ts';

/** What comes after a failure that the operation waits after: how many there were, and when the next attempt may begin. */
export function nextAttemptText(operation: Operation, { attempt, timeMs }: AttemptFailure): string {
  const { failureCount, attemptCountMax, deathCount } = operation;
  const deaths = deathCount === 0 ? '' : ` and ${String(deathCount)} deaths`;
  const counts = `${String(failureCount)} of at most ${String(attemptCountMax)} failures${deaths}`;
  return `attempt ${String(attempt)} ended at ${isoTime(timeMs)}, after ${counts}; the next begins ${nextTimeText(operation)}`;
}

function nextTimeText({ state, dueTimeMs }: Operation): string {
  if (state === 'PAUSED') return 'when it is resumed';
  return dueTimeMs === AT_ONCE ? 'as soon as a worker is free' : `at ${isoTime(dueTimeMs)} or soon after`;
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
