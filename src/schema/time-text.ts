import type { DurationMessage } from './duration.ts';
import type { TimestampMessage } from './timestamp.ts';

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

function fraction(nanos: number): string {
  if (nanos === 0) return '';
  return `.${String(nanos)
    .padStart(9, '0')
    .replace(/(?:000){1,2}$/, '')}`;
}
