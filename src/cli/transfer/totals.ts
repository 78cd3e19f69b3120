import type { TransferOperationMessage } from '../../client/messages.ts';
import type { SourceCount } from './source-count.ts';

/** Files and their bytes. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

/**
 * A transfer's counters as people think of them. They know no end: a transfer finds its files while it copies them. Only a count of the
 * source does.
 */
export interface TransferTotals {
  /** To be copied, as far as it has been found: all of copied, failed and left. */
  readonly found: Amount;
  readonly copied: Amount;
  /** The same at the destination already. */
  readonly skipped: Amount;
  readonly failed: Amount;
  /** Neither copied, skipped nor failed: of the whole source once that is counted, else of what has been found. */
  readonly left: Amount;
  /** All that the source holds, where it could be counted; it grows until it is complete. */
  readonly source: SourceCount | undefined;
}

export function totalsOf({ counters = {} }: TransferOperationMessage, source?: SourceCount): TransferTotals {
  const amount = (name: string): Amount => ({
    count: Number(counters[`objects${name}`] ?? 0),
    bytes: Number(counters[`bytes${name}`] ?? 0),
  });
  const [found, copied, failed] = [amount('FoundFromSource'), amount('CopiedToSink'), amount('FromSourceFailed')];
  const skipped = amount('FromSourceSkippedBySync');
  const counted =
    source?.isComplete === true ? { count: source.count - skipped.count, bytes: source.bytes - skipped.bytes } : found;
  const left = {
    count: Math.max(0, counted.count - copied.count - failed.count),
    bytes: Math.max(0, counted.bytes - copied.bytes - failed.bytes),
  };
  return { found, copied, failed, left, skipped, source };
}
