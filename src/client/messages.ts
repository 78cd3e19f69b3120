/**
 * The messages of our APIs as this client takes and gives them: plain objects with camelCase members, enums by name, 64-bit integers as
 * decimal texts, and members that are not set left out. Fields are explained in the .proto files.
 */
import type { WireAny } from '../schema/protos.ts';
import type { DurationMessage } from '../schema/duration.ts';
import type { TimestampMessage } from '../schema/timestamp.ts';

export type { DurationMessage, TimestampMessage, WireAny };

/** google.rpc.Status. */
export interface StatusMessage {
  readonly code?: number;
  readonly message?: string;
  readonly details?: readonly WireAny[];
}

/** google.longrunning.Operation. */
export interface OperationMessage {
  readonly name?: string;
  readonly metadata?: WireAny;
  readonly done?: boolean;
  readonly error?: StatusMessage;
  readonly response?: WireAny;
}

/** google.longrunning.ListOperationsResponse, and the like. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

/** What every list takes. */
export interface ListRequest {
  readonly filter?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

export type OverwriteWhen = 'DIFFERENT' | 'NEVER' | 'ALWAYS';

/** google.storagetransfer.v1.TransferSpec, the part that is served. */
export interface TransferSpecMessage {
  readonly posixDataSource?: { readonly rootDirectory?: string };
  readonly posixDataSink?: { readonly rootDirectory?: string };
  readonly transferOptions?: { readonly overwriteWhen?: OverwriteWhen };
}

/** google.storagetransfer.v1.TransferJob, the part that is served. */
export interface TransferJobMessage {
  readonly name?: string;
  readonly description?: string;
  readonly projectId?: string;
  readonly transferSpec?: TransferSpecMessage;
  readonly status?: 'STATUS_UNSPECIFIED' | 'ENABLED' | 'DISABLED' | 'DELETED';
  readonly creationTime?: TimestampMessage;
  readonly lastModificationTime?: TimestampMessage;
  readonly deletionTime?: TimestampMessage;
  readonly latestOperationName?: string;
}

/** google.storagetransfer.v1.TransferCounters: members such as `bytesCopiedToSink`. */
export type TransferCountersMessage = Readonly<Record<string, string>>;

/** google.storagetransfer.v1.ErrorLogEntry. */
export interface ErrorLogEntryMessage {
  readonly url?: string;
  readonly errorDetails?: readonly string[];
}

/** google.storagetransfer.v1.ErrorSummary. */
export interface ErrorSummaryMessage {
  /** The name of a google.rpc.Code. */
  readonly errorCode?: string;
  readonly errorCount?: string;
  readonly errorLogEntries?: readonly ErrorLogEntryMessage[];
}

/** google.storagetransfer.v1.TransferOperation. */
export interface TransferOperationMessage {
  readonly name?: string;
  readonly projectId?: string;
  readonly transferSpec?: TransferSpecMessage;
  readonly startTime?: TimestampMessage;
  readonly endTime?: TimestampMessage;
  readonly status?: string;
  readonly counters?: TransferCountersMessage;
  readonly errorBreakdowns?: readonly ErrorSummaryMessage[];
  readonly transferJobName?: string;
}
