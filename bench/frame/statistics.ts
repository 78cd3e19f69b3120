/** What several runs of one measurement say. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Runs. */
  readonly count: number;
}

/** @param values  at least one. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: percentileOfSorted(sorted, 0.5),
    min: percentileOfSorted(sorted, 0),
    max: percentileOfSorted(sorted, 1),
    count: sorted.length,
  };
}

/**
 * The smallest value that is not exceeded by this share of the values (nearest rank), but for the median of an even count: the mean
 * of the two in the middle.
 *
 * @param share  from 0 to 1.
 */
export function percentile(values: readonly number[], share: number): number {
  return percentileOfSorted(
    [...values].sort((a, b) => a - b),
    share,
  );
}

function percentileOfSorted(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) throw new Error('a percentile of nothing was asked for');
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[rank - 1] ?? NaN;
  const isBetweenTwo = share === 0.5 && sorted.length % 2 === 0;
  return isBetweenTwo ? (value + (sorted[rank] ?? NaN)) / 2 : value;
}

/** Run by run: what was measured side by side shared the machine's mood. @param references  as many as values. */
export function ratios(values: readonly number[], references: readonly number[]): readonly number[] {
  if (values.length !== references.length) throw new Error('only runs that come in pairs have ratios');
  return values.map((value, run) => value / (references[run] ?? NaN));
}
