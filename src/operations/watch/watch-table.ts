import type { Operation } from '../operation.ts';
import type { Change } from './change-log.ts';
import type { WatchGroup } from './watch-group.ts';
import type { ChangeTaker } from './change-taker.ts';

/** What a watch is of. */
export type WatchTarget = { readonly group: WatchGroup } | { readonly name: string };

/** Who watches what. */
export class WatchTable {
  readonly #groups = new Map<string, WatchGroup>();
  /** Those of a collection, so that a change is not held against the filters of all others. */
  readonly #byHome = new Map<string, Set<WatchGroup>>();
  readonly #byName = new Map<string, Set<ChangeTaker>>();
  #count = 0;

  /** Watches under way. */
  get count(): number {
    return this.#count;
  }

  group(scope: string): WatchGroup | undefined {
    return this.#groups.get(scope);
  }

  add(target: WatchTarget, watcher: ChangeTaker): void {
    this.#count += 1;
    if ('name' in target) {
      addTo(this.#byName, target.name, watcher);
      return;
    }
    const { group } = target;
    this.#groups.set(group.scope, group);
    addTo(this.#byHome, homeKey(group.selection.query), group);
    group.watchers.add(watcher);
  }

  remove(target: WatchTarget, watcher: ChangeTaker): void {
    this.#count -= 1;
    if ('name' in target) {
      deleteFrom(this.#byName, target.name, watcher);
      return;
    }
    const { group } = target;
    group.watchers.delete(watcher);
    if (group.watchers.size > 0) return;
    this.#groups.delete(group.scope);
    deleteFrom(this.#byHome, homeKey(group.selection.query), group);
  }

  /** Whether somebody may want to know. */
  isWatched(name: string): boolean {
    return this.#groups.size > 0 || this.#byName.has(name);
  }

  ofName(name: string): Iterable<ChangeTaker> {
    return this.#byName.get(name) ?? [];
  }

  /** Those whose collection the operation is, or may have been, of. */
  *groupsOf(change: Change, operation: Operation | undefined): Iterable<WatchGroup> {
    const home = operation ?? change.home;
    const groups = home === undefined ? this.#groups.values() : (this.#byHome.get(homeKey(home)) ?? []);
    for (const group of groups) if (group.mayHold(change, operation)) yield group;
  }

  all(): readonly ChangeTaker[] {
    const ofGroups = [...this.#groups.values()].flatMap(({ watchers }) => [...watchers]);
    return [...ofGroups, ...[...this.#byName.values()].flatMap((watchers) => [...watchers])];
  }
}

function homeKey({ surface, collection }: { readonly surface: string; readonly collection: string }): string {
  return `${surface} ${collection}`;
}

function addTo<V>(sets: Map<string, Set<V>>, key: string, value: V): void {
  const found = sets.get(key);
  if (found === undefined) sets.set(key, new Set([value]));
  else found.add(value);
}

function deleteFrom<V>(sets: Map<string, Set<V>>, key: string, value: V): void {
  const found = sets.get(key);
  found?.delete(value);
  if (found?.size === 0) sets.delete(key);
}
