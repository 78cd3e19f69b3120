import type { Operation } from '../operation.ts';
import type { EndedQuery } from '../operation-index.ts';
import type { ListQuery } from '../operation-repository.ts';
import type { WatchLimits } from './limits.ts';
import type { WatchCursor } from './watch-cursor.ts';
import type { WatchEvent } from './watch-event.ts';
import type { WatchGroup } from './watch-group.ts';

/** What a watcher needs of the hub. */
export interface WatchSource {
  readonly limits: WatchLimits;
  /** All changes up to this number were offered. */
  readonly change: number;
  /** The latest changes since the cursor; undefined when they are not known here. */
  since(cursor: WatchCursor): ReadonlyMap<string, number> | undefined;
  read(name: string): Promise<Operation | undefined>;
  list(query: ListQuery): Promise<readonly Operation[]>;
  ended(query: EndedQuery): Promise<readonly Operation[]>;
  /** The message of a change, where another watch of the group has made it. */
  encoded(group: WatchGroup, name: string, change: number): Uint8Array | undefined;
  encodeShared(event: WatchEvent, group: WatchGroup, change: number): Uint8Array;
  encode(event: WatchEvent, scope: string, change: number): Uint8Array;
  /** A message from which no watch can go on. */
  encodeUnnumbered(event: WatchEvent): Uint8Array;
}
