import { invalidArgument } from '../../core/status-error.ts';
import { isEmpty, type Message } from './field-rules.ts';
import { DAY_MS, type EndOfDay, type Schedule } from './schedule.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** duration.proto: about 10,000 years. */
const DURATION_SECONDS_MAX = 315_576_000_000;

/**
 * The rules of a google.storagetransfer.v1.Schedule. One in which nothing is set is no schedule: the real API returns such.
 *
 * @param path  of the message within the request, in the proto's spelling.
 * @throws StatusError INVALID_ARGUMENT naming the field.
 */
export function scheduleOf(message: Message | undefined, path: string): Schedule | undefined {
  if (isEmpty(message) || message === undefined) return undefined;
  const startDateMs = dateOf(message['scheduleStartDate'], `${path}.schedule_start_date`);
  if (startDateMs === undefined) throw invalidArgument(`${path}.schedule_start_date`, 'is required');
  const endDateMs = dateOf(message['scheduleEndDate'], `${path}.schedule_end_date`);
  const startTimeMs = timeOfDay(message['startTimeOfDay'], `${path}.start_time_of_day`);
  const endTime = endOfDay(message['endTimeOfDay'], `${path}.end_time_of_day`);
  const schedule: Schedule = {
    startDateMs,
    ...(endDateMs === undefined ? {} : { endDateMs }),
    ...(startTimeMs === undefined ? {} : { startTimeMs }),
    ...(endTime === undefined ? {} : { endTime }),
    repeatIntervalMs: repeatIntervalOf(message['repeatInterval'], `${path}.repeat_interval`),
  };
  refuseContradictions(schedule, path);
  return schedule;
}

function refuseContradictions({ startDateMs, endDateMs, startTimeMs = 0, endTime }: Schedule, path: string): void {
  if (endDateMs === undefined) {
    if (endTime === undefined) return;
    // "If `end_time_of_day` is set and `schedule_end_date` is not set, then INVALID_ARGUMENT is returned."
    throw invalidArgument(`${path}.end_time_of_day`, 'needs a schedule_end_date');
  }
  if (endDateMs < startDateMs) throw invalidArgument(`${path}.schedule_end_date`, 'is before schedule_start_date');
  // "This field must be greater than or equal to the timestamp corresponding to the combination of `schedule_start_date` and
  // `start_time_of_day`".
  if (endTime !== undefined && endDateMs + endTime.timeMs < startDateMs + startTimeMs) {
    throw invalidArgument(`${path}.end_time_of_day`, 'is before the first start');
  }
}

/** Midnight of a google.type.Date, which must be a whole date. */
function dateOf(message: unknown, field: string): number | undefined {
  if (message === undefined || message === null || isEmpty(message)) return undefined;
  const { year = 0, month = 0, day = 0 } = message as Readonly<Record<string, number>>;
  // Date.UTC takes years below 100 for the twentieth century's.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isReal = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (year >= 1 && year <= 9999 && isReal) return date.getTime();
  throw invalidArgument(field, `${String(year)}-${String(month)}-${String(day)} is no day of the calendar`);
}

/** Milliseconds since midnight. @see google.type.TimeOfDay: hours "0 to 23", 24 at "24:00:00"; seconds 60 at leap seconds. */
function timeOfDay(message: unknown, field: string): number | undefined {
  if (message === undefined || message === null) return undefined;
  const { hours = 0, minutes = 0, seconds = 0, nanos = 0 } = message as Readonly<Record<string, number>>;
  const isWithinDay = hours >= 0 && hours <= 23 && isWithin(minutes, 59) && isWithin(seconds, 60);
  const isMidnight = hours === 24 && minutes === 0 && seconds === 0 && nanos === 0;
  if (!(isWithinDay && isWithin(nanos, 999_999_999)) && !isMidnight) {
    throw invalidArgument(field, `${String(hours)}:${String(minutes)}:${String(seconds)} is no time of day`);
  }
  return hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS + Math.floor(nanos / 1e6);
}

function endOfDay(message: unknown, field: string): EndOfDay | undefined {
  const timeMs = timeOfDay(message, field);
  return timeMs === undefined ? undefined : { timeMs, exclusive: timeMs === DAY_MS };
}

function isWithin(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

/** "If unspecified, the default value is 24 hours. This value may not be less than 1 hour." */
function repeatIntervalOf(message: unknown, field: string): number {
  if (message === undefined || message === null) return DAY_MS;
  const { seconds = 0, nanos = 0 } = message as Readonly<Record<string, number | string>>;
  const whole = Number(seconds);
  const isDuration = whole <= DURATION_SECONDS_MAX && isWithin(Number(nanos), 999_999_999);
  const intervalMs = whole * SECOND_MS + Math.floor(Number(nanos) / 1e6);
  if (isDuration && intervalMs >= HOUR_MS) return intervalMs;
  throw invalidArgument(field, 'must be at least 1 hour; leave it out for 24 hours', {
    metadata: { seconds: String(seconds), nanos: String(nanos) },
  });
}
