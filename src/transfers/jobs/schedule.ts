/**
 * When a scheduled job runs: google.storagetransfer.v1.Schedule as pure rules. All days and times are UTC.
 *
 * Times are milliseconds since the epoch, times of day milliseconds since midnight.
 */
export const DAY_MS = 24 * 60 * 60 * 1000;

/** The last moment of a day at which a run may start. */
export interface EndOfDay {
  readonly timeMs: number;
  /** 24:00 closes the day: nothing starts at that very moment, which is the next day's. */
  readonly exclusive: boolean;
}

/** A schedule as its owner set it, each field valid. */
export interface Schedule {
  /** Midnight of the first day. */
  readonly startDateMs: number;
  /** Midnight of the last day. */
  readonly endDateMs?: number;
  readonly startTimeMs?: number;
  readonly endTime?: EndOfDay;
  readonly repeatIntervalMs: number;
}

/**
 * The runs of a schedule: one at `firstMs`, and then, where it repeats, each at `gridMs` plus a multiple of `intervalMs`, all of
 * them before `endMs`.
 */
export interface Timetable {
  readonly firstMs: number;
  /** Not after `firstMs`. */
  readonly gridMs: number;
  /** Infinity where there is one run only. */
  readonly intervalMs: number;
  /** Exclusive. */
  readonly endMs: number;
}

/** Schedule.end_time_of_day: "a default value of `23:59:59` is used". */
const DEFAULT_END: EndOfDay = { timeMs: DAY_MS - 1000, exclusive: false };

/** Ends are given to the second, and that second is within: what starts at once at 23:59:59.7 is not too late. */
const END_GRAIN_MS = 1000;

/**
 * @param sinceMs  when the schedule came into force. Schedule.schedule_start_date: "If `schedule_start_date` and `start_time_of_day`
 *   are in the past relative to the job's creation time, the transfer starts the day after you schedule the transfer request."
 */
export function timetableOf(schedule: Schedule, sinceMs: number): Timetable {
  const todayMs = Math.floor(sinceMs / DAY_MS) * DAY_MS;
  const { firstMs, gridMs } = startOf(schedule, sinceMs, todayMs);
  if (!isOnce(schedule)) {
    return {
      firstMs,
      gridMs,
      intervalMs: schedule.repeatIntervalMs,
      endMs: endOf(schedule.endDateMs, schedule.endTime),
    };
  }
  return { firstMs, gridMs, intervalMs: Infinity, endMs: endOfOnce(schedule, firstMs) };
}

/** The first run after a moment, exclusively; undefined when there is none. */
export function nextRun({ firstMs, gridMs, intervalMs, endMs }: Timetable, afterMs: number): number | undefined {
  const next = afterMs < firstMs ? firstMs : gridMs + (Math.floor((afterMs - gridMs) / intervalMs) + 1) * intervalMs;
  return next < endMs ? next : undefined;
}

/** The last run up to a moment, inclusively; undefined when there is none. */
export function lastRun({ firstMs, gridMs, intervalMs, endMs }: Timetable, upToMs: number): number | undefined {
  const limitMs = Math.min(upToMs, endMs - 1);
  if (limitMs < firstMs) return undefined;
  if (intervalMs === Infinity) return firstMs;
  return Math.max(firstMs, gridMs + Math.floor((limitMs - gridMs) / intervalMs) * intervalMs);
}

/** How many runs there are from one of them to another, both included. */
export function countRuns({ gridMs, intervalMs }: Timetable, fromMs: number, toMs: number): number {
  const numberOf = (runMs: number): number => Math.floor((runMs - gridMs) / intervalMs);
  return 1 + numberOf(toMs) - numberOf(fromMs);
}

/**
 * Schedule.schedule_end_date: "If `schedule_end_date` and `schedule_start_date` are the same …, the transfer is executed only
 * one time."
 */
function isOnce({ startDateMs, endDateMs }: Schedule): boolean {
  return endDateMs === startDateMs;
}

function startOf(
  { startDateMs, startTimeMs }: Schedule,
  sinceMs: number,
  todayMs: number,
): Pick<Timetable, 'firstMs' | 'gridMs'> {
  if (startTimeMs === undefined) {
    // "One-time transfers run immediately. Recurring transfers run immediately, and each day at midnight UTC". A date that has
    // passed is as today: gcloud sends the date of its caller's place, which may be yesterday's here.
    if (startDateMs <= todayMs) return { firstMs: sinceMs, gridMs: todayMs };
    return { firstMs: startDateMs, gridMs: startDateMs };
  }
  const startMs = startDateMs + startTimeMs;
  const firstMs = startMs < sinceMs ? todayMs + DAY_MS + startTimeMs : startMs;
  return { firstMs, gridMs: firstMs };
}

/** "`end_time_of_day` specifies the end date and time for starting new transfer operations." */
function endOf(endDateMs: number | undefined, { timeMs, exclusive }: EndOfDay = DEFAULT_END): number {
  if (endDateMs === undefined) return Infinity;
  return endDateMs + timeMs + (exclusive ? 0 : END_GRAIN_MS);
}

/** A single run has no end but one that was asked for; where it was put off to another day, so was its end. */
function endOfOnce({ startDateMs, startTimeMs, endTime }: Schedule, firstMs: number): number {
  if (endTime === undefined) return Infinity;
  return endOf(startTimeMs === undefined ? startDateMs : firstMs - startTimeMs, endTime);
}
