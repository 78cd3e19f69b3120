import type { ByteString } from './byte-string.ts';
import { ListCursor } from './list-cursor.ts';
import { hasAttributes } from './posix-metadata.ts';
import { listRanges } from './selection/list-ranges.ts';
import { keyRangesOf } from './selection/object-conditions.ts';
import type { TransferSpec } from './spec.ts';
import type { TransferEnds } from './transfer-environment.ts';

export interface OpenListingOptions {
  readonly ends: TransferEnds;
  readonly spec: TransferSpec;
  /** Only what sorts behind it. */
  readonly startAfter: ByteString | undefined;
  readonly signal: AbortSignal;
}

/**
 * What one side of a transfer holds of what the transfer is about. "Only objects that satisfy these object conditions are included in
 * the set of data source and data sink objects": prefixes hold for both sides, conditions on time are the planner's.
 */
export function openListing(
  side: 'source' | 'sink',
  { ends, spec, startAfter, signal }: OpenListingOptions,
): ListCursor {
  const options = {
    signal,
    hasAttributes: hasAttributes(spec.metadata),
    hasLinks: spec.metadata.symlinks,
    ...(startAfter === undefined ? {} : { startAfter }),
  };
  return new ListCursor(listRanges(ends[side], keyRangesOf(spec.conditions), options));
}
