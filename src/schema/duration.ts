import { invalidArgument } from '../core/status-error.ts';

/** A google.protobuf.Duration as a plain message. */
export interface DurationMessage {
  readonly seconds?: string | number;
  readonly nanos?: number;
}

/** Limits of google.protobuf.Duration (duration.proto): about 10,000 years. */
const SECONDS_MAX = 315_576_000_000;
const NANOS_MAX = 999_999_999;

/** @param ms  milliseconds, with a fraction. */
export function durationOf(ms: number): DurationMessage {
  const seconds = Math.trunc(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

/**
 * Whether it is within what duration.proto allows: "a non-zero value for the `nanos` field must be of the same sign as the `seconds`
 * field".
 */
export function isDuration(duration: DurationMessage): boolean {
  const { nanos = 0 } = duration;
  const seconds = Number(duration.seconds ?? 0);
  return Math.abs(seconds) <= SECONDS_MAX && Math.abs(nanos) <= NANOS_MAX && seconds * nanos >= 0;
}

/**
 * Milliseconds, with a fraction.
 *
 * @throws StatusError INVALID_ARGUMENT for what is no duration; whether it may be negative is for others to say.
 */
export function durationMsOf(duration: DurationMessage, field: string): number {
  const { seconds = 0, nanos = 0 } = duration;
  if (isDuration(duration)) return Number(seconds) * 1000 + nanos / 1e6;
  throw invalidArgument(field, `${String(seconds)} seconds and ${String(nanos)} nanos are not a duration`);
}
