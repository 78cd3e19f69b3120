import type { TimestampMessage } from './timestamp.ts';

/** A google.protobuf.Duration as a plain message. */
export interface DurationMessage {
  readonly seconds?: string | number;
  readonly nanos?: number;
}

/** RFC 3339 in UTC, with 0, 3, 6 or 9 digits of a second, as protobuf's JSON has it. */
export function rfc3339Text({ seconds = 0, nanos = 0 }: TimestampMessage): string {
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -'.000Z'.length);
  return `${whole}${fraction(nanos)}Z`;
}

/** Seconds with 0, 3, 6 or 9 digits, such as `1.500s`. */
export function durationText({ seconds = 0, nanos = 0 }: DurationMessage): string {
  const sign = Number(seconds) < 0 || nanos < 0 ? '-' : '';
  return `${sign}${String(seconds).replace('-', '')}${fraction(Math.abs(nanos))}s`;
}

/** Milliseconds; what is finer is cut off. */
export function durationMs({ seconds = 0, nanos = 0 }: DurationMessage): number {
  return Number(seconds) * 1000 + Math.trunc(nanos / 1e6);
}

/** @param ms  whole or not, of any size that a Duration can hold. */
export function durationOf(ms: number): DurationMessage {
  const seconds = Math.trunc(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

function fraction(nanos: number): string {
  if (nanos === 0) return '';
  return `.${String(nanos)
    .padStart(9, '0')
    .replace(/(?:000){1,2}$/, '')}`;
}
