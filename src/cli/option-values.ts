import { InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../core/duration.ts';

/** A whole number from 1. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('It is not a whole number from 1.');
}

/** Milliseconds of a duration such as `30s`. Node's timers hold 31 bits. */
export function parseTimeout(text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms <= 2 ** 31 - 1) return Math.round(ms);
  throw new InvalidArgumentError('It is not a duration of at most 24 days, such as 30s, 5m or 1h30m.');
}
