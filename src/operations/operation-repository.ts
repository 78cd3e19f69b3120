import type { StatusError } from '../core/status-error.ts';
import type { Operation, OperationIdentity, State } from './operation.ts';
import type { JournalChange } from './journal.ts';
import type { ResourceChange } from './resource.ts';

/**
 * A rule applied to one record. Pure: it may run again when another writer came first. Returning the very record it was
 * given writes nothing to it. `now` is the repository's clock. A thrown error goes to the caller, and nothing is written.
 */
export type Change = (current: Operation, now: number) => Operation;

/** One state of one operation. */
export type OperationVersion = OperationIdentity & Pick<Operation, 'revision'>;

/** What is written in the same transaction as an operation, or not at all. */
export interface SideWrites {
  /** Operations that must still be as they were read, and not others made anew under their names: else ABORTED (reason OPERATION_CHANGED). */
  readonly unchanged?: readonly OperationVersion[];
  readonly resources?: readonly ResourceChange[];
  readonly journal?: readonly JournalChange[];
}

/** What is written in the same transaction as a new operation, or not at all. */
export interface InsertSideWrites extends SideWrites {
  /**
   * Another operation, from what was read to what it becomes; `revision` of the latter is ignored. ABORTED (reason OPERATION_CHANGED)
   * when it is not as it was read.
   */
  readonly replaced?: { readonly from: Operation; readonly to: Operation };
}

export interface OperationUpdate {
  readonly name: string;
  readonly change: Change;
  readonly also?: SideWrites;
}

/** A position in the order of lists: newest first by (createTimeMs, name), both descending. */
export interface ListCursor {
  readonly createTimeMs: number;
  readonly name: string;
}

/** All members given must hold; sets mean "one of". Deleted operations are never listed. */
export interface ListQuery {
  readonly surface: string;
  readonly collection: string;
  readonly names?: readonly string[];
  readonly resources?: readonly string[];
  readonly states?: readonly State[];
  /** Inclusive. */
  readonly createTimeMinMs?: number;
  /** Inclusive. */
  readonly createTimeMaxMs?: number;
  /** Continue behind this position, exclusively. */
  readonly after?: ListCursor;
  /** At most this many records, from 1. */
  readonly limit: number;
  /** The page ends with the record that brings its values (list-page.ts) to so many bytes, from 1. No bound unless given. */
  readonly bytesMax?: number;
}

/** How a claim shares its slots out among collections, such as projects. */
export interface ClaimShare {
  /** Whose leased operations count. */
  readonly surface: string;
  /** So many operations of one collection may be leased at once, deleted ones not counted. */
  readonly leasedCountMax: number;
}

export interface ClaimQuery {
  readonly kinds: readonly string[];
  /** Free slots: at most this many are claimed, from 1. */
  readonly limit: number;
  /** Operations with at least this many deaths are claimed by no query but one with `alone`, and that one claims only them. */
  readonly deathCountAlone: number;
  readonly alone: boolean;
  /**
   * Collections take turns, one operation each, and none is given to one that has its share; those that wait for theirs stay queued.
   * A claim with `alone` takes no notice of it.
   */
  readonly share?: ClaimShare;
}

/**
 * After a commit: this operation may have changed. May come late, twice, or never. An empty name: hints were lost, any operation
 * may have.
 */
export interface ChangeHint {
  readonly name: string;
  /** Its state when the hint was made, where that is known. */
  readonly state?: State;
  /** Where it is listed, or was, where that is known: of one that is gone nothing else tells it. Both or neither. */
  readonly surface?: string;
  readonly collection?: string;
}

/** A record is there, and cannot be read. */
export type DamagedRecord = (name: string, error: StatusError) => void;

export interface InsertResult {
  readonly operation: Operation;
  /** False when a record with the same request id was there already; `operation` is that one. */
  readonly created: boolean;
}

/**
 * Home of operations. Every write is atomic and durable before it resolves (the in-memory one: for as long as the process
 * lives), and reads see committed state only. `revision` is the repository's: 1 at insert, +1 with each write. A record that
 * is both deleted and done, and whose cancel is carried to its children, is removed by the write that makes it so.
 *
 * Storage faults are StatusErrors: RESOURCE_EXHAUSTED (reason STORAGE_FULL) or UNAVAILABLE (reason STORAGE_UNAVAILABLE), with
 * nothing half written.
 */
export interface OperationRepository {
  /**
   * Adds an operation; `revision` of the argument is ignored.
   * Same (surface, collection, requestId) as a record: that record comes back, created false, nothing is written.
   * @throws StatusError ABORTED (reason EXCLUSIVE_KEY_HELD, metadata `holder`) when a live operation holds its exclusive key;
   *   ALREADY_EXISTS when the name is taken; what InsertSideWrites and ResourceChange say for `also`.
   */
  insert(operation: Operation, also?: InsertSideWrites): Promise<InsertResult>;
  /** The record, a deleted one that is not done too; undefined when there is none. */
  get(name: string): Promise<Operation | undefined>;
  /** What `get` would find, where it is at hand without waiting; undefined says nothing. @throws StatusError once it is closed. */
  peek(name: string): Operation | undefined;
  /**
   * Those that exist, in no particular order.
   *
   * @param damaged  told of each record that cannot be read, so that it costs nobody else.
   * @throws StatusError DATA_LOSS for one of them, where nobody is to be told.
   */
  getMany(names: readonly string[], damaged?: DamagedRecord): Promise<readonly Operation[]>;
  /**
   * Applies one change atomically; updates of one operation apply in the order they were called.
   * @returns the record as it is after the change (of a removed one, the last it was).
   * @throws StatusError NOT_FOUND (reason OPERATION_NOT_FOUND) when there is no record.
   */
  update(name: string, change: Change, also?: SideWrites): Promise<Operation>;
  /** As update, each on its own: one that fails does not keep the others. Results in order of the argument. */
  updateMany(updates: readonly OperationUpdate[]): Promise<readonly PromiseSettledResult<Operation>[]>;
  /**
   * Newest first; each operation that matches throughout the scan exactly once while others come and go. A page that is short of
   * its limit and of its bytes is the last one. A record that is damaged is told in the log, and passed by.
   */
  list(query: ListQuery): Promise<readonly Operation[]>;
  /**
   * Applies `change` to queued, due operations that no owner does, by priority (larger first), then age, until `limit` were
   * changed; with a share so within each collection, and the collections in turn.
   * No two claimers get one. An operation that `change` returns as it was is skipped, and so is one that it throws for, or that is
   * damaged: it costs its collection no turn, and a collection without another no slot. The error goes to the caller when nothing
   * was changed.
   */
  claim(query: ClaimQuery, change: Change): Promise<readonly Operation[]>;
  /** Operations that the session holds, by name, behind `after` exclusively ('' = from the first), at most `limit`. */
  held(session: string, after: string, limit: number): Promise<readonly Operation[]>;
  /** Creates or extends worker sessions: each is alive for so long, whatever becomes of the wall clock. */
  renewSessions(ids: readonly string[], leaseDurationMs: number): Promise<void>;
  /**
   * Applies `change` to operations held by sessions that are past their time (or unknown), at most `limit`, and forgets the
   * sessions that then hold nothing. Errors as with claim. An unknown session of an owner (`Operation.owner`) is not past its
   * time: it outlives the repository that knew it, and is alive for its lease from now on. It is of one grant: the write that takes
   * the operation from it forgets it.
   */
  expireSessions(limit: number, change: Change): Promise<readonly Operation[]>;
  /** Removes done operations and resources whose expiry has passed, at most `limit`. @returns how many went. */
  purge(limit: number): Promise<number>;
  /** Hints from now on, until the signal aborts; then the iteration ends. Slow readers get one hint a name. */
  changes(signal: AbortSignal): AsyncIterable<ChangeHint>;
}
