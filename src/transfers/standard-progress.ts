import type { Amount, ErrorSample, ProgressReport } from '../operations/progress.ts';
import type { TransferCounters, TransferProgress } from './progress.ts';

/**
 * A transfer's progress in the standard form. Objects that need no copy count as done, so that a second run is seen to get on.
 *
 * What was found grows until the walk is over, so that before there is a total, but no time left.
 */
export function standardProgressOf({ counters, errorBreakdowns, outlook }: TransferProgress): ProgressReport {
  const { isListed = false, stagedBytes = 0 } = outlook ?? {};
  return {
    items: amountOf(counters, 'objects', { isListed, aheadOfCount: 0 }),
    bytes: amountOf(counters, 'bytes', { isListed, aheadOfCount: stagedBytes }),
    errorSamples: errorBreakdowns.flatMap(({ code, samples }) =>
      samples.map(({ url, details }): ErrorSample => ({ code, item: url, message: details[0] ?? '' })),
    ),
  };
}

function amountOf(
  counters: TransferCounters,
  unit: 'objects' | 'bytes',
  { isListed, aheadOfCount }: { readonly isListed: boolean; readonly aheadOfCount: number },
): Amount {
  const skipped = counters[`${unit}FromSourceSkippedBySync`] ?? 0;
  const failed = counters[`${unit}FromSourceFailed`] ?? 0;
  return {
    done: (counters[`${unit}CopiedToSink`] ?? 0) + skipped + failed + aheadOfCount,
    total: (counters[`${unit}FoundFromSource`] ?? 0) + skipped,
    ...(isListed ? { totalComplete: true } : {}),
    skipped,
    failed,
  };
}
