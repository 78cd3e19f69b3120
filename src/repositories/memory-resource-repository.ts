/* eslint-disable @typescript-eslint/require-await -- all is done at once; async makes a rejection of what is thrown */
import type { Resource, ResourceChange, ResourceQuery, ResourceRepository } from '../operations/resource.ts';
import type { MemoryTables } from './memory-tables.ts';
import { compareForList, compareText, isBehind } from './record-order.ts';

/** Resources in this process's memory. */
export class MemoryResourceRepository implements ResourceRepository {
  readonly #tables: MemoryTables;
  readonly #assertOpen: () => void;

  constructor(tables: MemoryTables, assertOpen: () => void) {
    this.#tables = tables;
    this.#assertOpen = assertOpen;
  }

  async get(kind: string, name: string): Promise<Resource | undefined> {
    this.#assertOpen();
    return this.#tables.resources.get(kind)?.get(name);
  }

  async list(query: ResourceQuery): Promise<readonly Resource[]> {
    this.#assertOpen();
    return this.#ofKind(query.kind)
      .filter((it) => it.collection === query.collection && isBehind(it, query.after))
      .sort(compareForList)
      .slice(0, query.limit);
  }

  async write(changes: readonly ResourceChange[]): Promise<void> {
    this.#assertOpen();
    this.#tables.applySide({ resources: changes });
  }

  async due(kind: string, now: number, limit: number): Promise<readonly Resource[]> {
    this.#assertOpen();
    const dueTimeOf = (it: Resource): number => it.dueTimeMs ?? Infinity;
    return this.#ofKind(kind)
      .filter((it) => dueTimeOf(it) <= now)
      .sort((left, right) => dueTimeOf(left) - dueTimeOf(right) || compareText(left.name, right.name))
      .slice(0, limit);
  }

  #ofKind(kind: string): Resource[] {
    return [...(this.#tables.resources.get(kind)?.values() ?? [])];
  }
}
