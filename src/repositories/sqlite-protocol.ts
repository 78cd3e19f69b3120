/** What the event loop's thread and the database's thread say to each other. All of it is plain data. */
import type { Code } from '../core/code.ts';
import type { ChildQuery } from '../operations/operation-index.ts';
import type {
  ChangeHint,
  ClaimQuery,
  ClaimShare,
  ListQuery,
  OperationVersion,
  SideWrites,
} from '../operations/operation-repository.ts';
import type { ResourceQuery } from '../operations/resource.ts';
import type { TimerPosition } from '../operations/timers.ts';
import type { ClaimPosition } from './record-order.ts';
import type { SqliteLimits } from './sqlite-limits.ts';

export type SqlValue = null | number | bigint | string | Uint8Array;

/** The columns of one row, in the order that the table's column list has. */
export type Row = readonly SqlValue[];

/** One writer's part of a commit: whole or nothing. */
export type Write =
  | { readonly kind: 'insert'; readonly row: Row; readonly also?: SideWrites; readonly replaced?: Replaced }
  /** The three that name a revision do nothing, and answer `conflict`, unless the record still has it. */
  | (Guarded & { readonly kind: 'replace'; readonly row: Row; readonly indexesChange: boolean })
  | (Guarded & { readonly kind: 'remove' })
  | (Guarded & { readonly kind: 'guard' })
  | { readonly kind: 'side'; readonly also: SideWrites }
  | { readonly kind: 'purge'; readonly now: number; readonly limit: number }
  | { readonly kind: 'secret'; readonly name: string; readonly value: Uint8Array }
  | { readonly kind: 'touch'; readonly now: number };

/** The row of another operation, which must still be the one of this time with this revision. */
export interface Replaced extends OperationVersion {
  readonly row: Row;
}

interface Guarded {
  readonly name: string;
  readonly revision: number;
  readonly also?: SideWrites;
}

export type WriteResult =
  | { readonly kind: 'written' }
  | { readonly kind: 'conflict' }
  /** The record that an insert's request id already made. */
  | { readonly kind: 'found'; readonly row: Row }
  | { readonly kind: 'purged'; readonly operations: readonly ChangeHint[]; readonly count: number }
  | { readonly kind: 'secret'; readonly value: Uint8Array }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A question; every answer is a list of rows. */
export type Read =
  | { readonly kind: 'operations'; readonly names: readonly string[] }
  | { readonly kind: 'list'; readonly query: ListQuery }
  | { readonly kind: 'claimable'; readonly query: ClaimQuery; readonly now: number; readonly after?: ClaimPosition }
  /** One row of one column first: the collection at which the read stopped with some still to be looked at; null when none were. */
  | { readonly kind: 'shared'; readonly read: ShareRead; readonly now: number }
  /** More of one collection, behind a row that either kind of read has found. */
  | { readonly kind: 'sharedRest'; readonly read: ShareRestRead }
  /** Rows of holder-row.ts: each session that holds an operation, in order, behind `after`; at most `limit`. */
  | { readonly kind: 'holders'; readonly after: string; readonly limit: number }
  /**
   * Operations that the sessions hold, one session after another; of each those by name, of the first those behind `after`. The
   * page ends with the record that brings its values to so many bytes; no bound unless given.
   */
  | {
      readonly kind: 'held';
      readonly sessions: readonly string[];
      readonly after: string;
      readonly limit: number;
      readonly bytesMax?: number;
    }
  | { readonly kind: 'resource'; readonly resourceKind: string; readonly name: string }
  | { readonly kind: 'resources'; readonly query: ResourceQuery }
  | { readonly kind: 'dueResources'; readonly resourceKind: string; readonly now: number; readonly limit: number }
  | { readonly kind: 'journal'; readonly operation: string }
  | { readonly kind: 'orphans'; readonly limit: number }
  | IndexRead;

/** What a claim with shares looks for. */
export interface ShareRead {
  readonly query: ClaimQuery;
  readonly share: ClaimShare;
  /** The collection behind which the turns of the claim begin. */
  readonly begin: string;
  /** The last collection that an earlier read of the claim found; absent in its first. */
  readonly after?: string;
  /** So many collections are looked at. */
  readonly collectionsMax: number;
}

/** One collection of such a claim. */
export interface ShareRestRead {
  readonly query: ClaimQuery;
  readonly share: ClaimShare;
  readonly collection: string;
  readonly after: ClaimPosition;
}

/** The questions of OperationIndex. */
export type IndexRead =
  | { readonly kind: 'children'; readonly query: ChildQuery }
  | (TimedPage & { readonly kind: 'timers'; readonly now: number })
  | { readonly kind: 'request'; readonly surface: string; readonly collection: string; readonly requestId: string }
  | (TimedPage & { readonly kind: 'ended'; readonly surface: string; readonly collection: string })
  /** These two: one row of one column, the number of operations. */
  | { readonly kind: 'leased'; readonly surface: string; readonly collection: string; readonly limit: number }
  | {
      readonly kind: 'ahead';
      readonly operationKind: string;
      /** Of this one only; of all unless given. */
      readonly collection?: string;
      readonly now: number;
      readonly position: ClaimPosition;
      readonly limit: number;
    };

/** The first behind a position; the page ends with the record that brings its values to so many bytes. */
export interface TimedPage {
  readonly after: TimerPosition;
  readonly limit: number;
  readonly bytesMax: number;
}

/** A StatusError on its way between threads. `cause` is for the log. */
export interface Failure {
  readonly code: Code;
  readonly message: string;
  readonly reason: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly cause?: string;
}

export type Request = { readonly id: number } & (
  { readonly writes: readonly Write[] } | { readonly read: Read } | { readonly close: true }
);

export type Reply = { readonly id: number } & (
  { readonly results: readonly WriteResult[] } | { readonly rows: readonly Row[] } | { readonly failure: Failure }
);

/** The id of the reply that says whether the database was opened. */
export const OPEN_ID = 0;

/** What the thread is started with. */
export interface ThreadOptions {
  readonly path: string;
  readonly limits: SqliteLimits;
}
