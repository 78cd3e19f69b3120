import type { LargeObject, SliceOutcome } from '../../transfers/copier.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { CopyPool } from './copy-pool.ts';
import { isComplete, joinRanges, rangesOf } from './slice-ranges.ts';

export interface SplitSliceOptions {
  readonly pool: CopyPool;
  readonly limits: TransferLimits;
  /** See copySlice. */
  readonly isChecked: boolean;
  /** Ranges, each a thread's. */
  readonly count: number;
}

/** As copySlice, by several threads side by side; undefined when a stop came first. */
export async function splitSlice(
  object: LargeObject,
  { pool, limits, isChecked, count }: SplitSliceOptions,
): Promise<SliceOutcome | undefined> {
  const start = await pool.run({ kind: 'begin-slice', object, isChecked });
  if (start?.kind !== 'ready') return start;
  const ranges = rangesOf(start.object, limits, count);
  const copying = ranges.map((range) => pool.run({ kind: 'range', start, range }));
  // Where one fails, nobody writes any more before anybody cleans up.
  await Promise.allSettled(copying);
  const joined = joinRanges(start.object, ranges, await Promise.all(copying));
  return isComplete(joined) ? pool.run({ kind: 'end-slice', start: { ...start, object: joined.object } }) : joined;
}
