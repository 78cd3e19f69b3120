import { isDuration, type DurationMessage } from './duration.ts';
import { NoJsonForm } from './json/no-json-form.ts';
import { isTimestamp, type TimestampMessage } from './timestamp.ts';

/**
 * RFC 3339 in UTC, with 0, 3, 6 or 9 digits of a second, as protobuf's JSON has it.
 *
 * @throws NoJsonForm for what is no timestamp.
 */
export function rfc3339Text(timestamp: TimestampMessage): string {
  const { seconds = 0, nanos = 0 } = timestamp;
  if (!isTimestamp(timestamp)) throw new NoJsonForm(`${String(seconds)} s and ${String(nanos)} ns are no timestamp`);
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -'.000Z'.length);
  return `${whole}${fraction(nanos)}Z`;
}

/**
 * Seconds with 0, 3, 6 or 9 digits, such as `1.500s`.
 *
 * @throws NoJsonForm for what is no duration.
 */
export function durationText(duration: DurationMessage): string {
  const { seconds = 0, nanos = 0 } = duration;
  if (!isDuration(duration)) throw new NoJsonForm(`${String(seconds)} s and ${String(nanos)} ns are no duration`);
  const sign = Number(seconds) < 0 || nanos < 0 ? '-' : '';
  return `${sign}${String(seconds).replace('-', '')}${fraction(Math.abs(nanos))}s`;
}

function fraction(nanos: number): string {
  if (nanos === 0) return '';
  return `.${String(nanos)
    .padStart(9, '0')
    .replace(/(?:000){1,2}$/, '')}`;
}
