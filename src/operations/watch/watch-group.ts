import type { Selection } from '../list.ts';
import type { Operation } from '../operation.ts';
import type { ChangeTaker } from './change-taker.ts';
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

/** Watches of one collection and filter: what a change means for them is decided once. */
export class WatchGroup {
  readonly scope: string;
  readonly selection: Selection;
  readonly watchers = new Set<ChangeTaker>();
  readonly #outsideCountMax: number;
  /** Names that are known not to match, and were told so. */
  readonly #outside = new Set<string>();

  constructor(scope: string, selection: Selection, outsideCountMax: number) {
    this.scope = scope;
    this.selection = selection;
    this.#outsideCountMax = outsideCountMax;
  }

  /** Whether a change is to be told: of what matches always, of what does not once, unless it never can have. */
  concerns(name: string, operation: Operation | undefined): boolean {
    if (operation !== undefined && isSelected(operation, this.selection)) {
      this.#outside.delete(name);
      return true;
    }
    if (this.#outside.has(name)) return false;
    this.#outside.add(name);
    if (this.#outside.size > this.#outsideCountMax) this.#dropOldest();
    return operation?.revision !== 1;
  }

  /** What a change means to those who watch; nothing to them when it is of another collection. */
  eventOf(name: string, operation: Operation | undefined): WatchEvent | undefined {
    if (operation === undefined || operation.deleted) return { kind: 'removed', name };
    if (isSelected(operation, this.selection)) return { kind: 'changed', operation };
    const { surface, collection } = this.selection.query;
    if (operation.surface !== surface || operation.collection !== collection) return undefined;
    return { kind: 'removed', name, last: operation };
  }

  #dropOldest(): void {
    for (const name of this.#outside) {
      this.#outside.delete(name);
      return;
    }
  }
}
