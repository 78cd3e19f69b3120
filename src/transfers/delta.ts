import type { ByteString } from './byte-string.ts';
import type { OverwriteWhen } from './spec.ts';

/** What the sink shows at a key, as far as a delta needs it. */
export interface Comparable {
  readonly sizeBytes: number;
  readonly modifyTimeMs: number;
  readonly crc32c?: number | undefined;
  /** Of a symbolic link; undefined for any other object. */
  readonly linkTarget?: ByteString | undefined;
}

/** Stats pass through a double, which near 2^40 ms holds a quarter of a microsecond: two roundings. */
const ROUNDING_MS = 0.0005;

/**
 * Whether two modification times name the same instant.
 *
 * @param grainMs  what the coarser of the two stores can hold, at least a microsecond.
 */
export function isSameTime(aMs: number, bMs: number, grainMs: number): boolean {
  return Math.abs(aMs - bMs) <= grainMs + ROUNDING_MS;
}

/**
 * Whether a source object that the sink has, too, is to be copied: by size, then by hash where both have one, then by time;
 * where either is a symbolic link, by target alone, as with rsync.
 */
export function isToBeCopied(
  source: Comparable,
  sink: Comparable,
  overwriteWhen: OverwriteWhen,
  grainMs: number,
): boolean {
  if (overwriteWhen === 'NEVER') return false;
  if (overwriteWhen === 'ALWAYS') return true;
  if (source.linkTarget !== undefined || sink.linkTarget !== undefined) return source.linkTarget !== sink.linkTarget;
  if (source.sizeBytes !== sink.sizeBytes) return true;
  if (source.crc32c !== undefined && sink.crc32c !== undefined) return source.crc32c !== sink.crc32c;
  return !isSameTime(source.modifyTimeMs, sink.modifyTimeMs, grainMs);
}
