import type { ActivityLog } from './activity-log.ts';
import type { ByteString } from './byte-string.ts';
import type { StagedObject } from './copier.ts';
import type { DeltaRules } from './delta.ts';
import type { TransferLimits } from './limits.ts';
import type { ListCursor } from './list-cursor.ts';
import type { ObjectRecord } from './object-record.ts';
import type { PreservedMetadata } from './posix-metadata.ts';
import type { PublishedObject, RemovedObject } from './recovered-object.ts';
import type { Deletes } from './spec.ts';

/** What a plan is made of. */
export interface PlannerOptions {
  readonly source: ListCursor;
  readonly sink: ListCursor;
  /** What earlier attempts published behind the checkpoint's cursor, in the order of keys. */
  readonly published: readonly PublishedObject[];
  /** What they removed there, in the order of keys. */
  readonly removed: readonly RemovedObject[];
  /** See Recovery. */
  readonly begun: ReadonlyMap<ByteString, StagedObject>;
  /** As Copier.isPublished. */
  readonly isPublished: (object: StagedObject) => Promise<boolean>;
  readonly deletes: Deletes;
  /** Whether such activities are to be told. */
  readonly logs: ActivityLog['accepts'];
  /** Behind it all of this is planned. */
  readonly cursor: ByteString | undefined;
  readonly rules: DeltaRules;
  readonly metadata: PreservedMetadata;
  /** Empty objects of other stores whose names end in '/' stand for directories, and are left alone. */
  readonly hasSinkDirectories: boolean;
  /** Whether a source object that was modified then is transferred at all; absent: all are. */
  readonly isSelected?: (modifyTimeMs: number) => boolean;
  /** What a stat tells of an object, for those that the rules call unknown; as ObjectStore.stat. */
  readonly stat: (side: 'source' | 'sink', key: ByteString) => Promise<ObjectRecord | undefined>;
  readonly sourceUrl: string;
  readonly sinkUrl: string;
  readonly limits: TransferLimits;
  /** Asked between records: the plan is not wanted any more. */
  readonly isStopped: () => boolean;
  readonly now: () => number;
}
