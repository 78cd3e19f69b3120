import { activityOf, skippedActivity, type Activity } from './activity-log.ts';
import type { ByteString } from './byte-string.ts';
import type { FailureCause, ObjectFailure } from './object-failure.ts';
import type { ObjectRecord } from './object-record.ts';
import type { TransferTally } from './transfer-tally.ts';

/**
 * Why an object is removed: only the sink has it; it was copied, and leaves the source; the sink had an equal one already, and it
 * leaves the source all the same.
 */
export type RemovalKind = 'unique-in-sink' | 'copied' | 'skipped';

/** An object that is to be removed, as it was listed: another one in its place is left alone. */
export interface DoomedObject extends Pick<ObjectRecord, 'key' | 'sizeBytes' | 'modifyTimeMs' | 'etag'> {
  /** It is a symbolic link. */
  readonly isLink?: boolean;
  /**
   * In directory trees a directory goes with its last object, as in a bucket, but for those that begin this path: the source has
   * them. It ends in '/', or is ''. Absent: directories stay.
   */
  readonly keptDirectory?: ByteString;
}

/** `removed`: it is not there, whoever was first. */
export type RemoveOutcome = 'removed' | FailureCause;

/** Objects that are removed together, and what became of each; undefined: nothing yet. */
export interface Removal {
  readonly kind: RemovalKind;
  readonly objects: readonly DoomedObject[];
  outcomes: readonly (RemoveOutcome | undefined)[];
}

export function sideOfRemoval(kind: RemovalKind): 'source' | 'sink' {
  return kind === 'unique-in-sink' ? 'sink' : 'source';
}

/** What the URLs of both sides' objects begin with. */
export interface SideUrls {
  readonly sourceUrl: string;
  readonly sinkUrl: string;
}

/** Counts what is known of a removal. What is not done yet counts nothing: it will be found again. */
export function countRemoval({ kind, objects, outcomes }: Removal, tally: TransferTally, urls: SideUrls): void {
  for (const [index, object] of objects.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) continue;
    if (outcome === 'removed') countRemoved(kind, object.sizeBytes, tally);
    else countRemained(kind, { ...object, ...outcome }, tally, urls);
  }
}

export function countRemoved(kind: RemovalKind, sizeBytes: number, tally: TransferTally): void {
  if (kind === 'unique-in-sink') {
    tally.foundOnlyAtSink(sizeBytes);
    tally.add('objectsDeletedFromSink', 1);
    tally.add('bytesDeletedFromSink', sizeBytes);
    return;
  }
  if (kind === 'skipped') tally.skipped(sizeBytes);
  tally.add('objectsDeletedFromSource', 1);
  tally.add('bytesDeletedFromSource', sizeBytes);
}

/** TransferCounters: a source object "that failed to be deleted after being transferred" counts as failed, and as copied too. */
function countRemained(kind: RemovalKind, failure: ObjectFailure, tally: TransferTally, urls: SideUrls): void {
  if (kind === 'unique-in-sink') {
    tally.foundOnlyAtSink(failure.sizeBytes);
    tally.failedToDeleteFromSink(failure, urls.sinkUrl);
    return;
  }
  if (kind === 'skipped') tally.skipped(failure.sizeBytes);
  tally.failed(failure, urls.sourceUrl);
}

/** What the log says of a removal: one activity for each object that is decided. */
export function removalActivities({ kind, objects, outcomes }: Removal): readonly Activity[] {
  return objects.flatMap((object, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) return [];
    const removal = activityOf('DELETE', sideOfRemoval(kind), object, outcome === 'removed' ? undefined : outcome);
    return kind === 'skipped' ? [skippedActivity(object), removal] : [removal];
  });
}
