/** A moment as its whole milliseconds since the Unix epoch and the nanoseconds beyond them, 0 to 999,999. */
export interface Moment {
  readonly timeMs: number;
  readonly restNs: number;
}

const TIMESTAMP =
  /^(?<date>\d{4}-\d{2}-\d{2})[Tt](?<time>\d{2}:\d{2}:\d{2})(?:\.(?<fraction>\d{1,9}))?(?:[Zz]|(?<sign>[+-])(?<hours>\d{2}):(?<minutes>\d{2}))$/;

/**
 * Reads an RFC 3339 timestamp of up to nine fractional digits, as JSON writes google.protobuf.Timestamp.
 *
 * @returns undefined when the text is none, or names no moment (February 30th, 24:00:00, a leap second).
 */
export function parseRfc3339(text: string): Moment | undefined {
  const groups = TIMESTAMP.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { date = '', time = '', fraction = '', sign, hours = '0', minutes = '0' } = groups;
  const local = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(local) || new Date(local).toISOString() !== `${date}T${time}.000Z`) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const nanoseconds = Number(fraction.padEnd(9, '0'));
  return { timeMs: local - offsetMs + Math.floor(nanoseconds / 1e6), restNs: nanoseconds % 1e6 };
}
