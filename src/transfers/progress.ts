import type { Code } from '../core/code.ts';

/** The members of transfer_types.proto's TransferCounters, by their JSON names, in the proto's order. */
export const COUNTER_NAMES = [
  'objectsFoundFromSource',
  'bytesFoundFromSource',
  'objectsFoundOnlyFromSink',
  'bytesFoundOnlyFromSink',
  'objectsFromSourceSkippedBySync',
  'bytesFromSourceSkippedBySync',
  'objectsCopiedToSink',
  'bytesCopiedToSink',
  'objectsDeletedFromSource',
  'bytesDeletedFromSource',
  'objectsDeletedFromSink',
  'bytesDeletedFromSink',
  'objectsFromSourceFailed',
  'bytesFromSourceFailed',
  'objectsFailedToDeleteFromSink',
  'bytesFailedToDeleteFromSink',
  'directoriesFoundFromSource',
  'directoriesFailedToListFromSource',
  'directoriesSuccessfullyListedFromSource',
  'intermediateObjectsCleanedUp',
  'intermediateObjectsFailedCleanedUp',
] as const;

export type CounterName = (typeof COUNTER_NAMES)[number];

/**
 * Exact counts of one operation, non-negative integers that never go down; absent = 0.
 *
 * Each object counts at most once as skipped or found, and found >= copied + failed at all times, equal when the run ends by
 * itself. Bytes are the sizes of the same objects.
 */
export type TransferCounters = Readonly<Partial<Record<CounterName, number>>>;

/** One failed object: its URL in canonical form, such as `file:///data/a.txt`, and what went wrong, the cause first. */
export interface ErrorSample {
  readonly url: string;
  readonly details: readonly string[];
}

/** All failures of one code: their exact count, with at most five samples (transfer_types.proto, ErrorSummary). */
export interface ErrorBreakdown {
  readonly code: Code;
  readonly count: number;
  readonly samples: readonly ErrorSample[];
}

/** What clients see of a transfer that runs. */
export interface TransferProgress {
  readonly counters: TransferCounters;
  readonly errorBreakdowns: readonly ErrorBreakdown[];
  /** What no counter says, for the standard progress alone; never stored. */
  readonly outlook?: Outlook;
}

/** How far a transfer is beyond its counters. */
export interface Outlook {
  /** Whether everything has been found: the counts of what was found will not grow any more. */
  readonly isListed: boolean;
  /** Bytes that are staged of large objects, which are counted when they are whole. */
  readonly stagedBytes: number;
}
