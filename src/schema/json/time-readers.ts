import { parseRfc3339 } from '../../operations/rfc3339.ts';
import type { DurationMessage } from '../duration.ts';
import type { TimestampMessage } from '../timestamp.ts';

const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

// duration.proto and timestamp.proto: ±10,000 years, and the years 1 to 9999.
const DURATION_SECONDS_MAX = 315_576_000_000;
const TIMESTAMP_SECONDS_MIN = -62_135_596_800;
const TIMESTAMP_SECONDS_MAX = 253_402_300_799;

/** `2026-11-21T19:15:58.5Z` with any offset → a Timestamp; undefined for what is none. The T and the Z are capitals, as protobuf's JSON has them. */
export function readTimestamp(text: string): TimestampMessage | undefined {
  const moment = /[tz]/.test(text) ? undefined : parseRfc3339(text);
  if (moment === undefined) return undefined;
  const seconds = Math.floor(moment.timeMs / 1000);
  if (seconds < TIMESTAMP_SECONDS_MIN || seconds > TIMESTAMP_SECONDS_MAX) return undefined;
  return secondsAndNanos(seconds, (moment.timeMs - seconds * 1000) * 1e6 + moment.restNs);
}

/** `3.5s` → a Duration; undefined for what is none. */
export function readDuration(text: string): DurationMessage | undefined {
  const [, sign = '', whole = '', fraction = ''] = DURATION.exec(text) ?? [];
  const seconds = Number(whole);
  const nanos = Number(fraction.padEnd(9, '0'));
  if (whole === '' || seconds > DURATION_SECONDS_MAX || (seconds === DURATION_SECONDS_MAX && nanos > 0)) {
    return undefined;
  }
  return sign === '-' ? secondsAndNanos(-seconds, -nanos) : secondsAndNanos(seconds, nanos);
}

/** As they come off the wire, where a member of 0 is absent. */
function secondsAndNanos(seconds: number, nanos: number): { seconds?: string; nanos?: number } {
  return { ...(seconds === 0 ? {} : { seconds: String(seconds) }), ...(nanos === 0 ? {} : { nanos }) };
}
