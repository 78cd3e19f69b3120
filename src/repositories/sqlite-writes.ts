import type { JournalChange } from '../operations/journal.ts';
import type { OperationVersion, SideWrites } from '../operations/operation-repository.ts';
import type { ResourceChange } from '../operations/resource.ts';
import { COLUMN_INDEX, COLUMNS, OTHER_COLUMNS } from './operation-columns.ts';
import {
  collectionFull,
  exclusiveKeyHeld,
  operationChanged,
  operationExists,
  resourceChanged,
  resourceExists,
} from './repository-errors.ts';
import { isConstraint } from './sqlite-failures.ts';
import type { Replaced, Row, Write, WriteResult } from './sqlite-protocol.ts';
import { OPERATION_COLUMNS } from './sqlite-queries.ts';
import type { SqliteStatements } from './sqlite-statements.ts';

/** Applies one write within the transaction around it. What it throws, its savepoint takes back. */
export class SqliteWrites {
  readonly #statements: SqliteStatements;

  constructor(statements: SqliteStatements) {
    this.#statements = statements;
  }

  apply(write: Write): WriteResult {
    switch (write.kind) {
      case 'insert':
        return this.#insert(write);
      case 'replace':
      case 'remove':
      case 'guard':
        return this.#guarded(write);
      case 'side':
        this.#side(write.also);
        return WRITTEN;
      case 'purge':
        return this.#purge(write.now, write.limit);
      case 'secret':
        return this.#secret(write.name, write.value);
      case 'touch':
        this.#statements.run(TOUCH, write.now);
        return WRITTEN;
    }
  }

  #insert({ row, also, replaced }: Extract<Write, { readonly kind: 'insert' }>): WriteResult {
    try {
      this.#statements.run(INSERT, ...row);
    } catch (error) {
      if (!isConstraint(error)) throw error;
      return { kind: 'found', row: this.#firstOfRequest(row, error) };
    }
    if (replaced !== undefined) this.#replace(replaced);
    this.#side(also);
    return WRITTEN;
  }

  #replace({ row, ...from }: Replaced): void {
    this.#expect(from);
    this.#statements.run(REPLACE, ...row, from.name, from.revision);
  }

  /** @throws StatusError ABORTED (reason OPERATION_CHANGED) unless the record is of this version. */
  #expect({ name, createTimeMs, revision }: OperationVersion): void {
    const [revisionNow, createTimeNow] = this.#statements.first(IDENTITY, name) ?? [];
    if (revisionNow !== revision || createTimeNow !== createTimeMs) throw operationChanged(name);
  }

  /** The record that the row's request id made. @throws why the row was refused when it is not that. */
  #firstOfRequest(row: Row, refusal: unknown): Row {
    const [surface, collection, requestId] = [SURFACE, COLLECTION, REQUEST_ID].map((index) => row[index] ?? null);
    const first = this.#statements.first(BY_REQUEST, surface ?? null, collection ?? null, requestId ?? null);
    if (first !== undefined) return first;
    const name = row[NAME] as string;
    if (this.#statements.first(REVISION, name) !== undefined) throw operationExists(name);
    this.#assertKeyIsFree(row);
    throw refusal;
  }

  #guarded(write: Extract<Write, { readonly revision: number }>): WriteResult {
    const changed = this.#countGuarded(write);
    if (changed === 0) return { kind: 'conflict' };
    this.#side(write.also);
    return WRITTEN;
  }

  #countGuarded(write: Extract<Write, { readonly revision: number }>): number {
    const { name, revision } = write;
    if (write.kind === 'remove') return this.#statements.run(REMOVE, name, revision);
    if (write.kind === 'guard') return this.#statements.first(REVISION, name)?.[0] === revision ? 1 : 0;
    if (!write.indexesChange) {
      return this.#statements.run(REPLACE_VALUES, ...write.row.slice(FIRST_VALUE), name, revision);
    }
    try {
      return this.#statements.run(REPLACE, ...write.row, name, revision);
    } catch (error) {
      if (isConstraint(error)) this.#assertKeyIsFree(write.row);
      throw error;
    }
  }

  #assertKeyIsFree(row: Row): void {
    const key = row[HELD_KEY] ?? null;
    const name = row[NAME] as string;
    const holder = this.#statements.first(KEY_HOLDER, key, name);
    if (holder !== undefined) throw exclusiveKeyHeld(name, key as string, holder[0] as string);
  }

  #side(also: SideWrites | undefined): void {
    for (const version of also?.unchanged ?? []) this.#expect(version);
    for (const change of also?.resources ?? []) this.#writeResource(change);
    for (const change of also?.journal ?? []) this.#writeJournal(change);
  }

  #writeResource(change: ResourceChange): void {
    const { kind, name, revision, next } = change;
    const current = this.#statements.first(RESOURCE_REVISION, kind, name)?.[0] ?? 0;
    if (current !== revision) throw revision === 0 ? resourceExists(kind, name) : resourceChanged(kind, name);
    if (next === undefined) {
      this.#statements.run(REMOVE_RESOURCE, kind, name);
      return;
    }
    if (current === 0) this.#assertRoom(change, next.collection);
    const { collection, createTimeMs, dueTimeMs, expireTimeMs, value } = next;
    const times = [createTimeMs, dueTimeMs ?? null, expireTimeMs ?? null];
    this.#statements.run(PUT_RESOURCE, kind, name, collection, revision + 1, ...times, value);
  }

  #assertRoom(change: ResourceChange, collection: string): void {
    const { kind, collectionCountMax } = change;
    if (collectionCountMax === undefined) return;
    const count = this.#statements.first(COLLECTION_COUNT, kind, collection, collectionCountMax)?.[0];
    if (count === collectionCountMax) throw collectionFull(change);
  }

  #writeJournal(change: JournalChange): void {
    if ('put' in change) this.#statements.run(PUT_ENTRY, change.put.operation, change.put.id, change.put.value);
    else this.#statements.run(REMOVE_ENTRY, change.remove.operation, change.remove.id);
  }

  #purge(now: number, limit: number): WriteResult {
    const rows = this.#statements.all(PURGE_OPERATIONS, now, limit) as readonly (readonly string[])[];
    const operations = rows.map(([name = '', surface = '', collection = '']) => ({ name, surface, collection }));
    const resources = this.#statements.run(PURGE_RESOURCES, now, limit - operations.length);
    return { kind: 'purged', operations, count: operations.length + resources };
  }

  #secret(name: string, value: Uint8Array): WriteResult {
    this.#statements.run(KEEP_SECRET, name, value);
    return { kind: 'secret', value: this.#statements.first(SECRET, name)?.[0] as Uint8Array };
  }
}

/** Whether the write is one statement, which SQLite undoes by itself when it fails. */
export function isOneStatement(write: Write): boolean {
  if (write.kind === 'insert') return write.also === undefined && write.replaced === undefined;
  return (write.kind === 'replace' || write.kind === 'remove') && write.also === undefined;
}

const WRITTEN: WriteResult = { kind: 'written' };

const NAME = COLUMN_INDEX.name;
const SURFACE = COLUMN_INDEX.surface;
const COLLECTION = COLUMN_INDEX.collection;
const REQUEST_ID = COLUMN_INDEX.request_id;
const HELD_KEY = COLUMN_INDEX.held_key;
const FIRST_VALUE = COLUMN_INDEX[OTHER_COLUMNS[0]];

const marks = (columns: readonly unknown[]): string => columns.map(() => '?').join(', ');
const assignments = (columns: readonly string[]): string => columns.map((column) => `${column} = ?`).join(', ');

const INSERT = `INSERT INTO operations (${COLUMNS.join(', ')}) VALUES (${marks(COLUMNS)})`;
const REPLACE = `UPDATE operations SET ${assignments(COLUMNS)} WHERE name = ? AND revision = ?`;
// Progress and checkpoints move nothing in an index; naming its columns would write the index again all the same.
const REPLACE_VALUES = `UPDATE operations SET ${assignments(OTHER_COLUMNS)} WHERE name = ? AND revision = ?`;
const REMOVE = 'DELETE FROM operations WHERE name = ? AND revision = ?';
const REVISION = 'SELECT revision FROM operations WHERE name = ?';
const IDENTITY = 'SELECT revision, create_time_ms FROM operations WHERE name = ?';
const BY_REQUEST = `SELECT ${OPERATION_COLUMNS} FROM operations WHERE surface = ? AND collection = ? AND request_id = ?`;
const KEY_HOLDER = 'SELECT name FROM operations WHERE held_key = ? AND name <> ?';
const RESOURCE_REVISION = 'SELECT revision FROM resources WHERE kind = ? AND name = ?';
const COLLECTION_COUNT = `SELECT COUNT(*) FROM (SELECT 1 FROM resources INDEXED BY resources_by_time
  WHERE kind = ? AND collection = ? LIMIT ?)`;
const PUT_RESOURCE = `INSERT INTO resources
  (kind, name, collection, revision, create_time_ms, due_time_ms, expire_time_ms, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (kind, name) DO UPDATE SET collection = excluded.collection, revision = excluded.revision,
  create_time_ms = excluded.create_time_ms, due_time_ms = excluded.due_time_ms,
  expire_time_ms = excluded.expire_time_ms, value = excluded.value`;
const REMOVE_RESOURCE = 'DELETE FROM resources WHERE kind = ? AND name = ?';
const PUT_ENTRY = `INSERT INTO journal (operation, id, value) VALUES (?, ?, ?)
  ON CONFLICT (operation, id) DO UPDATE SET value = excluded.value`;
const REMOVE_ENTRY = 'DELETE FROM journal WHERE operation = ? AND id = ?';
const PURGE_OPERATIONS = `DELETE FROM operations WHERE id IN (
  SELECT id FROM operations INDEXED BY operations_by_expiry
  WHERE expire_time_ms <= ? ORDER BY expire_time_ms, name LIMIT ?) RETURNING name, surface, collection`;
const PURGE_RESOURCES = `DELETE FROM resources WHERE id IN (
  SELECT id FROM resources INDEXED BY resources_by_expiry
  WHERE expire_time_ms <= ? ORDER BY expire_time_ms, name LIMIT ?)`;
const KEEP_SECRET = 'INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING';
const SECRET = 'SELECT value FROM secrets WHERE name = ?';
const TOUCH = `INSERT INTO checks (id, time_ms) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET time_ms = excluded.time_ms`;

/** Every statement that a write runs, for the test of their plans. */
export const WRITE_STATEMENTS: readonly string[] = [
  INSERT,
  REPLACE,
  REPLACE_VALUES,
  REMOVE,
  REVISION,
  IDENTITY,
  BY_REQUEST,
  KEY_HOLDER,
  RESOURCE_REVISION,
  COLLECTION_COUNT,
  PUT_RESOURCE,
  REMOVE_RESOURCE,
  PUT_ENTRY,
  REMOVE_ENTRY,
  PURGE_OPERATIONS,
  PURGE_RESOURCES,
  KEEP_SECRET,
  SECRET,
  TOUCH,
];
