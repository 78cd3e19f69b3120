import type { Operation } from '../operation.ts';
import type { EndedQuery } from '../operation-index.ts';
import type { ListQuery } from '../operation-repository.ts';
import type { Change } from './change-log.ts';
import type { WatchLimits } from './limits.ts';
import type { ReadLine } from './read-line.ts';
import type { TurnShares } from './turn-shares.ts';
import type { UntakenMessages } from './untaken-messages.ts';
import type { WatchCursor } from './watch-cursor.ts';
import type { WatchEvent } from './watch-event.ts';
import type { WatchGroup } from './watch-group.ts';

/** A place in the order of changes. */
export type Mark = Pick<Change, 'number' | 'timeMs'>;

/** What a watcher needs of the hub. */
export interface WatchSource {
  readonly limits: WatchLimits;
  /** Of the watchers, beside the hub's own share. */
  readonly turns: TurnShares;
  /** For those who read whole pages. */
  readonly readLine: ReadLine;
  /** Room for what readers are given. */
  readonly untaken: UntakenMessages;
  /** Grows whenever hints were lost: a watch of an earlier one may have missed changes, and `mark` says nothing to it. */
  readonly era: number;
  /** All changes up to here were offered to the watches of this era. */
  readonly mark: Mark;
  /** The cursor's number where it is one of this process. */
  numberOf(cursor: WatchCursor): number | undefined;
  /** The first changes after a number, in order, at most `limit`; undefined when they are not known any more. */
  since(number: number, limit: number): readonly Change[] | undefined;
  read(name: string): Promise<Operation | undefined>;
  list(query: ListQuery): Promise<readonly Operation[]>;
  ended(query: EndedQuery): Promise<readonly Operation[]>;
  /** Tells once of a record that cannot be read. @throws the error when it is not about this one operation. */
  passBy(error: unknown, name: string): void;
  /** The message of a change, where another watch of the group has made it. */
  encoded(group: WatchGroup, change: Change): Uint8Array | undefined;
  encodeShared(event: WatchEvent, group: WatchGroup, change: Change): Uint8Array;
  /** The state of one operation, made once for all who watch it. */
  encodeState(operation: Operation, scope: string): Uint8Array;
  encode(event: WatchEvent, scope: string, mark: Mark): Uint8Array;
  /** A message from which no watch can go on. */
  encodeUnnumbered(event: WatchEvent): Uint8Array;
}
