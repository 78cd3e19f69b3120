import { activityOf, skippedActivity, type Activity, type ActivityLog } from './activity-log.ts';
import type { ByteString } from './byte-string.ts';
import type { AttributeUpdate, PlannedObject } from './copier.ts';
import type { GroupSize } from './group-sizer.ts';
import type { TransferLimits } from './limits.ts';
import type { FailureCause } from './object-failure.ts';
import type { ObjectRecord } from './object-record.ts';
import type { DoomedObject } from './removal.ts';
import { TransferTally } from './transfer-tally.ts';

/** One range of keys, decided: what is to be copied in it, and the counts of all the rest. */
export interface PlannedGroup {
  /** The last key of the range; the next one begins behind it. */
  readonly lastKey: ByteString;
  readonly small: readonly PlannedObject[];
  readonly large: readonly PlannedObject[];
  /** Equal but for their attributes. */
  readonly updates: readonly AttributeUpdate[];
  readonly removals: PlannedRemovals;
  /** What was found or skipped, where somebody wants to be told. */
  readonly activities: readonly Activity[];
  /** All of the range but `small`, `large`, `updates` and `removals`. */
  readonly tally: TransferTally;
  /** FIFOs, sockets, devices and, where they are not preserved, symbolic links of the source: left alone. */
  readonly specialCount: number;
}

/** What is to be removed in a range, by kind: see RemovalKind. Those of what the group copies itself are not among them. */
export interface PlannedRemovals {
  readonly uniqueInSink: readonly DoomedObject[];
  readonly skipped: readonly DoomedObject[];
  /** Copied by an earlier attempt, that was stopped before it could remove them. */
  readonly copied: readonly DoomedObject[];
}

/** A range that is being decided. */
export interface Draft {
  lastKey: ByteString | undefined;
  recordCount: number;
  sizeBytes: number;
  specialCount: number;
  /** The last key is a directory that was listed, and nothing in it is taken yet. */
  isBehindListed: boolean;
  readonly small: PlannedObject[];
  readonly large: PlannedObject[];
  readonly updates: AttributeUpdate[];
  /** What listings alone do not decide. */
  readonly unsure: { readonly source: ObjectRecord; readonly sink: ObjectRecord }[];
  readonly uniqueInSink: DoomedObject[];
  readonly skipped: DoomedObject[];
  readonly copied: DoomedObject[];
  readonly activities: Activity[];
  readonly tally: TransferTally;
}

/** Behind a directory that was listed no group ends: the walk enters it again there, and must not take it for one that failed. */
export function isEndable({ recordCount, isBehindListed }: Draft): boolean {
  return recordCount > 0 && !isBehindListed;
}

export function newDraft(limits: TransferLimits): Draft {
  const tally = new TransferTally(limits.failureSampleCountMax);
  const counts = { recordCount: 0, sizeBytes: 0, specialCount: 0 };
  const removals = { uniqueInSink: [], skipped: [], copied: [], activities: [] };
  const planned = { small: [], large: [], updates: [], unsure: [], ...removals };
  return { lastKey: undefined, ...counts, isBehindListed: false, ...planned, tally };
}

export function isFull(draft: Draft, size: GroupSize, limits: TransferLimits): boolean {
  return (
    draft.small.length + draft.updates.length + draft.unsure.length + removalCount(draft) >= size.objectCount ||
    draft.sizeBytes >= size.sizeBytes ||
    draft.large.length >= limits.copyThreadCount ||
    draft.recordCount >= limits.groupRecordCountMax
  );
}

function removalCount({ uniqueInSink, skipped, copied }: PlannedRemovals): number {
  return uniqueInSink.length + skipped.length + copied.length;
}

export function finish(draft: Draft): PlannedGroup | undefined {
  const { lastKey, small, large, updates, uniqueInSink, skipped, copied, activities, tally, specialCount } = draft;
  if (lastKey === undefined) return undefined;
  const removals = { uniqueInSink, skipped, copied };
  return { lastKey, small, large, updates, removals, activities, tally, specialCount };
}

type Counted = Pick<ObjectRecord, 'key' | 'sizeBytes' | 'modifyTimeMs'>;

/** Counts an object that is not copied, as it need not be. */
export function skipObject(
  draft: Draft,
  { key, sizeBytes, modifyTimeMs }: Counted,
  logs: ActivityLog['accepts'],
): void {
  draft.tally.skipped(sizeBytes);
  if (logs('COPY', 'SKIPPED')) draft.activities.push(skippedActivity({ key, sizeBytes, modifyTimeMs }));
}

/** Counts an object that cannot be copied. */
export function failObject(draft: Draft, { object, cause, url, logs }: FailedObject): void {
  const { key, sizeBytes, modifyTimeMs } = object;
  draft.tally.found(sizeBytes);
  draft.tally.failed({ key, sizeBytes, ...cause }, url);
  if (logs('COPY', 'FAILED'))
    draft.activities.push(activityOf('COPY', 'source', { key, sizeBytes, modifyTimeMs }, cause));
}

export interface FailedObject {
  readonly object: Counted;
  readonly cause: FailureCause;
  /** Of the side that failed, as TransferTally.failed takes it. */
  readonly url: string;
  readonly logs: ActivityLog['accepts'];
}
