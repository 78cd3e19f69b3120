import { durationMsOf } from '../schema/duration.ts';
import { timeMsOf } from '../schema/timestamp.ts';
import type { DurationMessage, TimestampMessage } from './messages.ts';

/** Milliseconds since the Unix epoch; undefined for a time that is not set. */
export function timeOf(timestamp: TimestampMessage | undefined): number | undefined {
  return timestamp === undefined ? undefined : timeMsOf(timestamp);
}

/** Milliseconds, with a fraction. @throws StatusError INVALID_ARGUMENT for what is no duration. */
export function durationMs(duration: DurationMessage): number {
  return durationMsOf(duration, 'duration');
}
