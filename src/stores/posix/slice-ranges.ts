import type { LargeObject, SliceOutcome } from '../../transfers/copier.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import { combineCrc32c } from '../../transfers/object-copy/crc32c-combine.ts';

/** A part of a slice; those of one slice follow each other. */
export interface SliceRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export type RangeOutcome =
  /** Its first `lengthBytes` are staged, with this crc32c. */
  | { readonly kind: 'copied'; readonly lengthBytes: number; readonly crc32c: number }
  /** The staging file is not there, or is another one. */
  | { readonly kind: 'lost' }
  | Extract<SliceOutcome, { readonly kind: 'failed' | 'changed' }>;

/** Less would cost more to hand out than to copy. */
const CHUNKS_IN_RANGE_MIN = 4;

/** The next slice of an object in ranges of about the same size, at most `count`: none where all is staged. */
export function rangesOf(
  { stagedBytes, sizeBytes }: LargeObject,
  { sliceSizeBytes, chunkSizeBytes }: Pick<TransferLimits, 'sliceSizeBytes' | 'chunkSizeBytes'>,
  count: number,
): readonly SliceRange[] {
  const endBytes = Math.min(sizeBytes, stagedBytes + sliceSizeBytes);
  const chunks = Math.ceil((endBytes - stagedBytes) / count / chunkSizeBytes);
  const rangeSizeBytes = Math.max(chunks, CHUNKS_IN_RANGE_MIN) * chunkSizeBytes;
  const ranges: SliceRange[] = [];
  for (let offsetBytes = stagedBytes; offsetBytes < endBytes; offsetBytes += rangeSizeBytes) {
    ranges.push({ offsetBytes, lengthBytes: Math.min(rangeSizeBytes, endBytes - offsetBytes) });
  }
  return ranges;
}

/**
 * What a slice has come to: what is staged without a hole counts, and nothing behind the first range that is not whole. A range that
 * was never begun has no outcome.
 */
export function joinRanges(
  object: LargeObject,
  ranges: readonly SliceRange[],
  outcomes: readonly (RangeOutcome | undefined)[],
): SliceOutcome {
  const bad = outcomes.find((outcome) => outcome?.kind === 'failed' || outcome?.kind === 'changed');
  if (bad?.kind === 'failed' || bad?.kind === 'changed') return bad;
  if (outcomes.some((outcome) => outcome?.kind === 'lost')) {
    return { kind: 'staged', object: { ...object, stagedBytes: 0, stagedCrc32c: 0 } };
  }
  let { stagedBytes, stagedCrc32c } = object;
  for (const [index, { lengthBytes }] of ranges.entries()) {
    const outcome = outcomes[index];
    if (outcome?.kind !== 'copied') break;
    stagedBytes += outcome.lengthBytes;
    stagedCrc32c = combineCrc32c(stagedCrc32c, outcome.crc32c, outcome.lengthBytes);
    if (outcome.lengthBytes < lengthBytes) break;
  }
  return { kind: 'staged', object: { ...object, stagedBytes, stagedCrc32c } };
}

export function isComplete(outcome: SliceOutcome): outcome is SliceOutcome & { readonly kind: 'staged' } {
  return outcome.kind === 'staged' && outcome.object.stagedBytes === outcome.object.sizeBytes;
}
