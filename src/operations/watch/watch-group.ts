import type { Selection } from '../list.ts';
import type { Operation } from '../operation.ts';
import type { Change } from './change-log.ts';
import type { ChangeTaker } from './change-taker.ts';
import type { OutsideNames } from './outside-names.ts';
import type { WatchEvent } from './watch-event.ts';

/** Whether a list would show the record. Pure. */
export function isSelected(operation: Operation, { query, matches }: Selection): boolean {
  const { names, resources, states, createTimeMinMs = -Infinity, createTimeMaxMs = Infinity } = query;
  return (
    !operation.deleted &&
    operation.surface === query.surface &&
    operation.collection === query.collection &&
    (names === undefined || names.includes(operation.name)) &&
    (resources === undefined || (operation.resource !== undefined && resources.includes(operation.resource))) &&
    (states === undefined || states.includes(operation.state)) &&
    operation.createTimeMs >= createTimeMinMs &&
    operation.createTimeMs <= createTimeMaxMs &&
    matches?.(operation) !== false
  );
}

export interface WatchGroupOptions {
  /** One of its own, never used again. */
  readonly id: number;
  readonly scope: string;
  readonly selection: Selection;
  /** Whether the names of its surface begin as those of their collections do. */
  readonly namesTellCollection: boolean;
  readonly outside: OutsideNames;
}

/** Watches of one collection and filter: what a change means for them is decided once. */
export class WatchGroup {
  readonly scope: string;
  readonly selection: Selection;
  readonly watchers = new Set<ChangeTaker>();
  readonly #options: WatchGroupOptions;

  constructor(options: WatchGroupOptions) {
    this.#options = options;
    this.scope = options.scope;
    this.selection = options.selection;
  }

  /** Whether the operation is, or was, of this collection. Of one that is gone and whose home nobody knows its name tells, or nothing. */
  mayHold({ name, home }: Pick<Change, 'name' | 'home'>, operation: Operation | undefined): boolean {
    const { surface, collection } = this.selection.query;
    const { surface: ofSurface, collection: ofCollection } = operation ?? home ?? {};
    if (ofSurface !== undefined) return ofSurface === surface && ofCollection === collection;
    return this.#options.namesTellCollection && name.startsWith(`${collection}/`);
  }

  /**
   * Whether a change in the collection is to be told: of what matches always, of what does not once, unless no watch of the group can
   * have told of it.
   */
  concerns({ name, isNew }: Change, operation: Operation | undefined): boolean {
    const { id, outside } = this.#options;
    if (operation !== undefined && isSelected(operation, this.selection)) {
      outside.delete(id, name);
      return true;
    }
    if (outside.has(id, name)) return false;
    outside.add(id, name);
    // Made just now, and first written so: but a name may have been another operation's before.
    return !(isNew && operation?.revision === 1);
  }

  /** A watch tells of a record that it has read itself: when that matches no more, it is to be told. */
  tells(name: string): void {
    this.#options.outside.delete(this.#options.id, name);
  }

  /** What a change means to those who watch; nothing when it is of another collection. */
  eventOf(change: Change, operation: Operation | undefined): WatchEvent | undefined {
    if (!this.mayHold(change, operation)) return undefined;
    if (operation === undefined || operation.deleted) return { kind: 'removed', name: change.name };
    if (isSelected(operation, this.selection)) return { kind: 'changed', operation };
    return { kind: 'removed', name: change.name, last: operation };
  }
}
