/** What a job's schedule asks of whoever starts its runs, as pure functions. Why they are so stands in docs/decisions/0020. */
import { isDeepStrictEqual } from 'node:util';
import { JOB_PATH } from './job-path.ts';
import { countRuns, lastRun, nextRun, timetableOf, type Schedule, type Timetable } from './schedule.ts';
import { scheduleOf } from './schedule-message.ts';
import type { TransferJob } from './transfer-job.ts';

/** How late a run may be started. Milliseconds. */
export interface CatchUpLimits {
  /** A run started so late is on time, as "Transfers may start later than this time". */
  readonly punctualMs: number;
  /** A run that was missed for longer is not made up for. */
  readonly catchUpMaxMs: number;
}

/** What is due of a job. */
export interface DueRuns {
  /** The last run that has come due: the one to start, for all of them. */
  readonly runMs: number;
  /** How many have come due since the last that was dealt with, this one included. */
  readonly count: number;
  /** Whether it is too late to start it. */
  readonly late: boolean;
}

/** When the job is to be looked at for a run; undefined when its schedule starts nothing. */
export function dueTimeOf(job: TransferJob): number | undefined {
  const timetable = timetableOfJob(job);
  if (timetable === undefined || job.status !== 'ENABLED') return undefined;
  return nextRun(timetable, job.runTimeMs ?? -Infinity);
}

/** All runs up to now are one: after a time in which nobody started any, the job runs once. Undefined when none is due. */
export function dueRuns(job: TransferJob, now: number, limits: CatchUpLimits): DueRuns | undefined {
  const timetable = timetableOfJob(job);
  const dueTimeMs = dueTimeOf(job);
  if (timetable === undefined || dueTimeMs === undefined || dueTimeMs > now) return undefined;
  const runMs = lastRun(timetable, now) ?? dueTimeMs;
  const lateMs = now - runMs;
  const canCatchUp = lateMs <= limits.catchUpMaxMs && now < timetable.endMs;
  return {
    runMs,
    count: countRuns(timetable, dueTimeMs, runMs),
    late: lateMs > limits.punctualMs && !canCatchUp,
  };
}

/**
 * The job with its timetable brought up to date after a change of its settings.
 *
 * A schedule counts from when it was set. One that has started nothing yet counts from when the job is enabled again; of another
 * the runs that came due meanwhile are over.
 */
export function rescheduled(job: TransferJob, previous: TransferJob | undefined, now: number): TransferJob {
  const { scheduleTimeMs, runTimeMs, ...rest } = job;
  if (scheduleOfJob(job) === undefined) return rest;
  const isNew = previous === undefined || !isDeepStrictEqual(scheduleOfJob(previous), scheduleOfJob(job));
  if (isNew || scheduleTimeMs === undefined) return { ...rest, scheduleTimeMs: now };
  const isEnabledAgain = job.status === 'ENABLED' && previous.status !== 'ENABLED';
  if (!isEnabledAgain) return job;
  return runTimeMs === undefined ? { ...rest, scheduleTimeMs: now } : { ...job, runTimeMs: Math.max(runTimeMs, now) };
}

/** TransferJob.event_stream: "When EventStream is specified, the Schedule fields are ignored." A replication has no runs. */
function scheduleOfJob({ schedule, eventStream, replicationSpec }: TransferJob): Schedule | undefined {
  if (eventStream !== undefined || replicationSpec !== undefined) return undefined;
  return scheduleOf(schedule, `${JOB_PATH}.schedule`);
}

function timetableOfJob(job: TransferJob): Timetable | undefined {
  const schedule = scheduleOfJob(job);
  return schedule === undefined ? undefined : timetableOf(schedule, job.scheduleTimeMs ?? job.createTimeMs);
}
