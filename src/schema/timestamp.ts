import { invalidArgument } from '../core/status-error.ts';

/** A google.protobuf.Timestamp as a plain message. */
export interface TimestampMessage {
  readonly seconds?: string | number;
  readonly nanos?: number;
}

// timestamp.proto: "Must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z inclusive", and nanos "from 0 to 999,999,999".
const SECONDS_MIN = -62_135_596_800;
const SECONDS_MAX = 253_402_300_799;
const NANOS_MAX = 999_999_999;

/** @param timeMs  whole milliseconds since the Unix epoch. */
export function timestampOf(timeMs: number): TimestampMessage {
  const seconds = Math.floor(timeMs / 1000);
  return { seconds, nanos: (timeMs - seconds * 1000) * 1e6 };
}

/** Milliseconds since the Unix epoch; what is finer is cut off. */
export function timeMsOf({ seconds = 0, nanos = 0 }: TimestampMessage): number {
  return Number(seconds) * 1000 + Math.floor(nanos / 1e6);
}

/** Whether it is within what timestamp.proto allows. */
export function isTimestamp({ seconds = 0, nanos = 0 }: TimestampMessage): boolean {
  return Number(seconds) >= SECONDS_MIN && Number(seconds) <= SECONDS_MAX && nanos >= 0 && nanos <= NANOS_MAX;
}

/**
 * The same of a time that a caller gave.
 *
 * @throws StatusError INVALID_ARGUMENT for what is no timestamp.
 */
export function givenTimeMs(timestamp: TimestampMessage, field: string): number {
  if (isTimestamp(timestamp)) return timeMsOf(timestamp);
  const { seconds = 0, nanos = 0 } = timestamp;
  throw invalidArgument(field, `${String(seconds)} seconds and ${String(nanos)} nanos are not a timestamp`);
}
