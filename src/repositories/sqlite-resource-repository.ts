import type { Resource, ResourceChange, ResourceQuery, ResourceRepository } from '../operations/resource.ts';
import { ownSideWrites, sideBytes } from './byte-ownership.ts';
import { resourceFromRow } from './resource-row.ts';
import type { Row } from './sqlite-protocol.ts';
import { expectKind, type SqliteStore } from './sqlite-store.ts';

/** Resources in a SQLite file. */
export class SqliteResourceRepository implements ResourceRepository {
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  async get(kind: string, name: string): Promise<Resource | undefined> {
    this.#store.assertOpen();
    return this.#store.read({ kind: 'resource', resourceKind: kind, name }, (rows) => decode(rows)[0]);
  }

  async list(query: ResourceQuery): Promise<readonly Resource[]> {
    this.#store.assertOpen();
    return this.#store.read({ kind: 'resources', query }, decode);
  }

  async write(changes: readonly ResourceChange[]): Promise<void> {
    this.#store.assertOpen();
    const also = ownSideWrites({ resources: changes });
    await this.#store.write({ kind: 'side', also }, sideBytes(also), (result) => expectKind(result, 'written'));
  }

  async due(kind: string, now: number, limit: number): Promise<readonly Resource[]> {
    this.#store.assertOpen();
    return this.#store.read({ kind: 'dueResources', resourceKind: kind, now, limit }, decode);
  }
}

function decode(rows: readonly Row[]): readonly Resource[] {
  return rows.map(resourceFromRow);
}
