import type { ByteString } from './byte-string.ts';
import { ListCursor } from './list-cursor.ts';
import { hasAttributes } from './posix-metadata.ts';
import type { TransferSpec } from './spec.ts';
import type { TransferEnds } from './transfer-environment.ts';

export interface OpenListingOptions {
  readonly ends: TransferEnds;
  readonly spec: TransferSpec;
  /** Only what sorts behind it. */
  readonly startAfter: ByteString | undefined;
  readonly signal: AbortSignal;
}

/** What one side of a transfer holds. */
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
  return new ListCursor(ends[side].list('', options));
}
