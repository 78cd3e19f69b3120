import type { Lease } from './lease.ts';
import type { Operation, OperationIdentity, State } from './operation.ts';
import type { TimerPosition } from './timers.ts';

/** What is told of an operation without its values: cheap however large they are, and to be had though they are damaged. */
export interface OperationHead extends Pick<Operation, 'name' | 'kind' | 'state' | 'deleted'> {
  /** Bytes of its values, as list-page.ts counts them: what reading it takes. */
  readonly valueBytes: number;
}

/** A session that holds operations, as the first of them by name tells of it: cheap and to be had as a head is. */
export interface Holder {
  readonly session: string;
  readonly lease: Lease;
  /** When the attempt under way was granted, or else the operation made. */
  readonly sinceMs: number;
  /** How long the session still lives, milliseconds; absent when it is not known. */
  readonly leftMs?: number;
}

export interface ChildQuery {
  readonly parent: OperationIdentity;
  /** One of these; any unless given. */
  readonly states?: readonly State[];
  /** Leaves out those that were deleted while they go on. */
  readonly visibleOnly?: boolean;
  /** Continue behind this name, exclusively; '' = from the first. */
  readonly after: string;
  /** At most this many, from 1. */
  readonly limit: number;
}

export interface EndedQuery {
  readonly surface: string;
  readonly collection: string;
  /** Continue behind this position, exclusively. */
  readonly after: TimerPosition;
  /** At most this many, from 1. */
  readonly limit: number;
  /** The page ends with the record that brings its values (list-page.ts) to so many bytes, from 1. No bound unless given. */
  readonly bytesMax?: number;
}

/**
 * Finds operations by what lists do not ask for. Reads see committed state only, and each is served by an index: what it costs
 * grows with its answer, not with the number of operations.
 */
export interface OperationIndex {
  /** Operations that are parts of one, by name. A damaged one is among them: whoever goes through all must not stop at it. */
  children(query: ChildQuery): Promise<readonly OperationHead[]>;
  /**
   * Operations whose timer (timers.ts) is not after the repository's now, the earliest first, behind a position; the page ends with
   * the record that brings its values (list-page.ts) to `bytesMax`. No bound unless given.
   */
  dueTimers(after: TimerPosition | undefined, limit: number, bytesMax?: number): Promise<readonly Operation[]>;
  /** The operation that a request id made. */
  byRequestId(surface: string, collection: string, requestId: string): Promise<Operation | undefined>;
  /**
   * Operations that have ended, the earliest first by (endTimeMs, name); deleted ones are never found. Damaged ones are told in the
   * log, and passed by.
   */
  ended(query: EndedQuery): Promise<readonly Operation[]>;
  /**
   * How many queued, due operations of its kind a claim would take before this one, of all collections or, as a claim with shares does,
   * of its own; counted up to `limit`.
   */
  countAhead(operation: Operation, among: 'all' | 'collection', limit: number): Promise<number>;
  /** How many operations of a collection are leased, deleted ones not counted; counted up to `limit`. */
  leasedCount(surface: string, collection: string, limit: number): Promise<number>;
  /** Sessions that hold operations, in order, behind `after` exclusively. */
  holders(after: string, limit: number): Promise<readonly Holder[]>;
  /** How long a session still lives, milliseconds; undefined when it is not known. */
  sessionLeftMs(session: string): Promise<number | undefined>;
}
