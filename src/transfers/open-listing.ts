import type { ByteString } from './byte-string.ts';
import { ListCursor } from './list-cursor.ts';
import type { TransferLimits } from './limits.ts';
import { hasAttributes } from './posix-metadata.ts';
import { listManifest } from './selection/list-manifest.ts';
import { listRanges } from './selection/list-ranges.ts';
import type { Manifest } from './selection/manifest.ts';
import { keyRangesOf } from './selection/object-conditions.ts';
import type { TransferSpec } from './spec.ts';
import type { TransferEnds } from './transfer-environment.ts';

export interface OpenListingOptions {
  readonly ends: TransferEnds;
  readonly spec: TransferSpec;
  /** Only what sorts behind it. */
  readonly startAfter: ByteString | undefined;
  readonly signal: AbortSignal;
  /** Of the spec, where it has one: the rows that are selected, behind `startAfter`. */
  readonly manifest: Manifest | undefined;
  readonly limits: TransferLimits;
}

/**
 * What one side of a transfer holds of what the transfer is about. "Only objects that satisfy these object conditions are included in
 * the set of data source and data sink objects": prefixes hold for both sides, conditions on time are the planner's.
 */
export function openListing(side: 'source' | 'sink', of: OpenListingOptions): ListCursor {
  const { ends, spec, startAfter, signal, manifest, limits } = of;
  const options = { signal, hasAttributes: hasAttributes(spec.metadata), hasLinks: spec.metadata.symlinks };
  if (manifest === undefined) {
    const position = startAfter === undefined ? {} : { startAfter };
    return new ListCursor(listRanges(ends[side], keyRangesOf(spec.conditions), { ...options, ...position }));
  }
  const { listPageCountMax: countMax, statsInFlightMax: inFlightMax } = limits;
  return new ListCursor(listManifest(side, ends[side], manifest, { ...options, countMax, inFlightMax }));
}
