import { invalidArgument } from '../../core/status-error.ts';
import type { ObjectConditions } from '../selection/object-conditions.ts';
import { isEmpty, snakeCase, type Message } from './field-rules.ts';
import { prefixesOf } from './prefix-rules.ts';

/** The conditions on "last modification time". */
export const TIME_CONDITIONS = [
  'minTimeElapsedSinceLastModification',
  'maxTimeElapsedSinceLastModification',
  'lastModifiedSince',
  'lastModifiedBefore',
] as const;

type TimeCondition = (typeof TIME_CONDITIONS)[number];

/**
 * What an ObjectConditions asks for; undefined when it asks for nothing. A time that is set to zero is set.
 *
 * @param path  of the message within the request, in the proto's spelling.
 * @throws StatusError INVALID_ARGUMENT naming the field.
 */
export function objectConditionsOf(message: Message | undefined, path: string): ObjectConditions | undefined {
  if (message === undefined) return undefined;
  const prefixes = prefixesOf(message, path);
  const minElapsedMs = read(message, 'minTimeElapsedSinceLastModification', path, durationMs);
  const maxElapsedMs = read(message, 'maxTimeElapsedSinceLastModification', path, durationMs);
  const modifiedSinceMs = read(message, 'lastModifiedSince', path, timeMs);
  const modifiedBeforeMs = read(message, 'lastModifiedBefore', path, timeMs);
  const isAnyTime = TIME_CONDITIONS.some((condition) => isGiven(message[condition]));
  if (!isAnyTime && isEmpty(message)) return undefined;
  return {
    ...prefixes,
    ...(minElapsedMs === undefined ? {} : { minElapsedMs }),
    ...(maxElapsedMs === undefined ? {} : { maxElapsedMs }),
    ...(modifiedSinceMs === undefined ? {} : { modifiedSinceMs }),
    ...(modifiedBeforeMs === undefined ? {} : { modifiedBeforeMs }),
  };
}

/** Whether a message is there at all: one in which nothing is set is zero. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

interface Parts {
  readonly seconds: number;
  readonly nanos: number;
}

function read(
  message: Message,
  condition: TimeCondition,
  path: string,
  convert: (parts: Parts, field: string) => number,
): number | undefined {
  const value = message[condition];
  if (!isGiven(value)) return undefined;
  const { seconds = 0, nanos = 0 } = value as Readonly<Record<string, number | string>>;
  return convert({ seconds: Number(seconds), nanos: Number(nanos) }, `${path}.${snakeCase(condition)}`);
}

/** duration.proto: about 10,000 years. Time that has elapsed is not negative. */
const DURATION_SECONDS_MAX = 315_576_000_000;
const NANOS_MAX = 999_999_999;

function durationMs({ seconds, nanos }: Parts, field: string): number {
  if (seconds >= 0 && seconds <= DURATION_SECONDS_MAX && nanos >= 0 && nanos <= NANOS_MAX) {
    return seconds * 1000 + nanos / 1e6;
  }
  throw notOne(field, { seconds, nanos }, 'a duration from 0 on');
}

/** timestamp.proto: "from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z inclusive". */
const TIME_SECONDS_MIN = -62_135_596_800;
const TIME_SECONDS_MAX = 253_402_300_799;

function timeMs({ seconds, nanos }: Parts, field: string): number {
  if (seconds >= TIME_SECONDS_MIN && seconds <= TIME_SECONDS_MAX && nanos >= 0 && nanos <= NANOS_MAX) {
    return seconds * 1000 + nanos / 1e6;
  }
  throw notOne(field, { seconds, nanos }, 'a timestamp');
}

function notOne(field: string, { seconds, nanos }: Parts, what: string): Error {
  return invalidArgument(field, `${String(seconds)} seconds and ${String(nanos)} nanos are not ${what}`, {
    metadata: { seconds: String(seconds), nanos: String(nanos) },
  });
}
