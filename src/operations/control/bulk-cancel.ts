import type { Any } from '../../core/any.ts';
import type { ListCursor } from '../operation-repository.ts';

/** The kind of the operations that carry out bulk cancels. */
export const BULK_CANCEL_KIND = 'longrunning.bulkCancel';

/** What is to be cancelled. */
export interface BulkCancelRequest {
  readonly parent: string;
  readonly filter: string;
}

export interface BulkCancelCounts {
  /** Operations that matched and were not done. */
  readonly matched: number;
  /** Those of them whose cancel this one asked for. */
  readonly cancelled: number;
}

/** What the next attempt starts from. */
export interface BulkCancelCheckpoint {
  readonly after: ListCursor;
  readonly counts: BulkCancelCounts;
}

/** Between these and the messages that are stored. */
export interface BulkCancelCodec {
  encodeRequest(request: BulkCancelRequest): Any;
  decodeRequest(request: Any): BulkCancelRequest;
  encodeMetadata(request: BulkCancelRequest, counts: BulkCancelCounts): Any;
  encodeResponse(counts: BulkCancelCounts): Any;
  encodeCheckpoint(checkpoint: BulkCancelCheckpoint): Any;
  decodeCheckpoint(checkpoint: Any): BulkCancelCheckpoint;
}

/** Before anything was looked at. */
export const NONE_CANCELLED: BulkCancelCounts = { matched: 0, cancelled: 0 };
