import type { ProgressMessage } from '../../client/control-messages.ts';
import type { TransferOperationMessage } from '../../client/messages.ts';
import type { SourceCount } from './source-count.ts';

/** Files and their bytes. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

/** What is known of a transfer beside its counters. */
export interface BesideCounters {
  /** The source, counted here. */
  readonly source?: SourceCount | undefined;
  /** What the server tells in the standard form. */
  readonly progress?: ProgressMessage | undefined;
}

/**
 * A transfer's counters as people think of them. They know no end: a transfer finds its files while it copies them. Only a count of the
 * source does, and the standard progress once everything has been found.
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
  /** Bytes of what is left that have been copied, and do not stand at the destination yet: of large files. */
  readonly underWayBytes: number;
  /** All that the source holds, where it could be counted; it grows until it is complete. */
  readonly source: SourceCount | undefined;
}

export function totalsOf(
  { counters = {} }: TransferOperationMessage,
  { source: counted, progress }: BesideCounters = {},
): TransferTotals {
  const amount = (name: string): Amount => ({
    count: Number(counters[`objects${name}`] ?? 0),
    bytes: Number(counters[`bytes${name}`] ?? 0),
  });
  const [found, copied, failed] = [amount('FoundFromSource'), amount('CopiedToSink'), amount('FromSourceFailed')];
  const skipped = amount('FromSourceSkippedBySync');
  const source = sourceOf(counted, foundBy(progress), found.count + skipped.count);
  const all =
    source?.isComplete === true ? { count: source.count - skipped.count, bytes: source.bytes - skipped.bytes } : found;
  const left = {
    count: Math.max(0, all.count - copied.count - failed.count),
    bytes: Math.max(0, all.bytes - copied.bytes - failed.bytes),
  };
  const settledBytes = copied.bytes + skipped.bytes + failed.bytes;
  const underWayBytes = Math.max(0, Math.min(left.bytes, Number(progress?.bytes?.done ?? 0) - settledBytes));
  return { found, copied, failed, left, skipped, source, underWayBytes };
}

/**
 * What the server has found to the end is so. A count of this process is good as long as the server has not found more: it may be of
 * another directory of that name, or files have come since.
 */
function sourceOf(
  counted: SourceCount | undefined,
  told: SourceCount | undefined,
  foundCount: number,
): SourceCount | undefined {
  if (told?.isComplete === true || counted === undefined) return told;
  if (Math.max(foundCount, told?.count ?? 0) <= counted.count || !counted.isComplete) return counted;
  return told ?? { ...counted, isComplete: false };
}

/** The source as a server has found it. */
function foundBy(progress: ProgressMessage | undefined): SourceCount | undefined {
  if (progress?.items?.total === undefined) return undefined;
  const { items, bytes } = progress;
  const isComplete = items.totalComplete === true;
  return { count: Number(items.total), bytes: Number(bytes?.total ?? 0), isComplete };
}
