import type { BucketMetadata } from './bucket-metadata.ts';
import type { PreservedMetadata } from './posix-metadata.ts';
import type { RemoteLocation } from './remote-location.ts';
import type { ManifestLocation } from './selection/manifest.ts';
import type { ObjectConditions } from './selection/object-conditions.ts';
import type { SourceCredentials } from './source-credentials.ts';

/** A directory tree as the source or the sink of a transfer. */
export interface PosixLocation {
  readonly kind: 'posix';
  /** Absolute, normalized path of the tree's root. */
  readonly rootDirectory: string;
}

/** The URLs of a list, as a source. */
export interface UrlListLocation {
  readonly kind: 'url-list';
  /** Of the list itself: http or https. */
  readonly listUrl: string;
}

/** Where objects come from or go to. Further stores add members to this union. */
export type TransferLocation = PosixLocation | RemoteLocation | UrlListLocation;

/** transfer_types.proto, TransferOptions.OverwriteWhen, with its default decided. */
export type OverwriteWhen = 'DIFFERENT' | 'NEVER' | 'ALWAYS';

/** TransferOptions' two deletes, which exclude each other. */
export type Deletes = 'nothing' | 'unique-in-sink' | 'from-source';

/** What to copy, and how; a running transfer has its own copy of it, so that a job's update never reaches it. */
export interface TransferSpec {
  readonly source: TransferLocation;
  /** Given in the request for the source; absent where the operator's are used. */
  readonly credentials?: SourceCredentials;
  readonly sink: TransferLocation;
  readonly overwriteWhen: OverwriteWhen;
  readonly metadata: PreservedMetadata;
  /** Absent: the proto's defaults. */
  readonly bucketMetadata?: BucketMetadata;
  readonly deletes: Deletes;
  /** Absent: every object of the source. */
  readonly conditions?: ObjectConditions;
  /** Where it is said which objects these are; absent: all that the conditions leave. */
  readonly manifest?: ManifestLocation;
}

/** What a job's LoggingConfig asks to be logged of each object. Where either list is empty nothing is. */
export interface LoggedActions {
  readonly actions: readonly ('FIND' | 'DELETE' | 'COPY')[];
  readonly states: readonly ('SUCCEEDED' | 'FAILED' | 'SKIPPED')[];
  /** `enable_onprem_gcs_transfer_logs`, which "ignores" both lists. */
  readonly fileSystemLog: boolean;
}

/** What a worker is asked to carry out. */
export interface TransferRequest {
  readonly operationName: string;
  readonly projectId: string;
  readonly transferJobName: string;
  /** When the operation's first attempt began: conditions on time count from it. Milliseconds since the Unix epoch. */
  readonly startTimeMs: number;
  readonly spec: TransferSpec;
  /** The agent pool whose work it is, whose limits hold for it; absent for the default pool. */
  readonly pool?: string;
  /** Absent where its job has no LoggingConfig. */
  readonly logged?: LoggedActions;
}
