import { byteStringOf } from '../byte-string.ts';
import { KeyRanges } from './key-ranges.ts';

/** transfer_types.proto, ObjectConditions: which objects a transfer is about. What is absent excludes nothing. */
export interface ObjectConditions {
  /** Milliseconds, as all times here. */
  readonly minElapsedMs?: number;
  readonly maxElapsedMs?: number;
  /** Since the Unix epoch. */
  readonly modifiedSinceMs?: number;
  readonly modifiedBeforeMs?: number;
  readonly includePrefixes: readonly string[];
  readonly excludePrefixes: readonly string[];
}

/** The ranges of keys that both sides are listed in; undefined for all keys. */
export function keyRangesOf(conditions: ObjectConditions | undefined): KeyRanges | undefined {
  if (conditions === undefined) return undefined;
  const { includePrefixes, excludePrefixes } = conditions;
  if (includePrefixes.length + excludePrefixes.length === 0) return undefined;
  return new KeyRanges(includePrefixes.map(byteStringOf), excludePrefixes.map(byteStringOf));
}

/**
 * Whether a source object of this modification time is transferred.
 *
 * @param modifyTimeMs  NaN for an object that has none: no condition on time keeps it back.
 * @param startTimeMs  of the operation, the same for all of its attempts. "the elapsed time between the start_time of the
 *   `TransferOperation` and the 'last modification time' of the object" counts.
 */
export function isSelectedByTime(
  modifyTimeMs: number,
  startTimeMs: number,
  { minElapsedMs, maxElapsedMs, modifiedSinceMs, modifiedBeforeMs }: ObjectConditions,
): boolean {
  // "Objects that do not have a "last modification time" are also transferred."
  if (Number.isNaN(modifyTimeMs)) return true;
  const elapsedMs = startTimeMs - modifyTimeMs;
  if (minElapsedMs !== undefined && elapsedMs < minElapsedMs) return false;
  if (maxElapsedMs !== undefined && elapsedMs >= maxElapsedMs) return false;
  if (modifiedSinceMs !== undefined && modifyTimeMs < modifiedSinceMs) return false;
  return modifiedBeforeMs === undefined || modifyTimeMs < modifiedBeforeMs;
}

/** Whether any condition is on time. */
export function hasTimeConditions(conditions: ObjectConditions | undefined): boolean {
  if (conditions === undefined) return false;
  const { minElapsedMs, maxElapsedMs, modifiedSinceMs, modifiedBeforeMs } = conditions;
  return [minElapsedMs, maxElapsedMs, modifiedSinceMs, modifiedBeforeMs].some((limit) => limit !== undefined);
}
