import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Database } from '../operations/database.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { DEFAULT_SQLITE_LIMITS, type SqliteLimits } from './sqlite-limits.ts';
import { SqliteOperationIndex } from './sqlite-operation-index.ts';
import { SqliteOperationRepository } from './sqlite-operation-repository.ts';
import { SqliteResourceRepository } from './sqlite-resource-repository.ts';
import { expectKind, SqliteStore } from './sqlite-store.ts';
import { SqliteThread } from './sqlite-thread.ts';

/** A secret's size, bytes. */
const SECRET_BYTES = 32;

export interface SqliteOptions {
  /** The file; it and its directory are made when they are missing. */
  readonly path: string;
  readonly clock: Clock;
  /** Told of damaged records; nobody unless given. */
  readonly logger?: Logger;
  /** Those that differ from DEFAULT_SQLITE_LIMITS. */
  readonly limits?: Partial<SqliteLimits>;
}

/** One SQLite file, owned by this process alone. */
class SqliteDatabase implements Database {
  readonly exclusive = true;
  readonly operations: SqliteOperationRepository;
  readonly index: SqliteOperationIndex;
  readonly resources: SqliteResourceRepository;
  readonly journal: SqliteJournal;
  readonly #store: SqliteStore;
  readonly #clock: Clock;

  constructor(store: SqliteStore, clock: Clock, limits: SqliteLimits) {
    this.#store = store;
    this.#clock = clock;
    this.operations = new SqliteOperationRepository(store, clock, limits);
    this.index = new SqliteOperationIndex(store, clock);
    this.resources = new SqliteResourceRepository(store);
    this.journal = new SqliteJournal(store);
  }

  get lost(): AbortSignal {
    return this.#store.lost;
  }

  async secret(name: string): Promise<Uint8Array> {
    this.#store.assertOpen();
    const value = new Uint8Array(randomBytes(SECRET_BYTES));
    return this.#store.write({ kind: 'secret', name, value }, 0, (result) => expectKind(result, 'secret').value);
  }

  async check(): Promise<void> {
    this.#store.assertOpen();
    await this.#store.read({ kind: 'operations', names: [''] }, () => undefined);
    await this.#store.write({ kind: 'touch', now: this.#clock.now() }, 0, (result) => expectKind(result, 'written'));
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

/**
 * Opens a SQLite file as its only owner: every worker session that an earlier owner left is over.
 *
 * What a call acknowledged survives the loss of power. All of SQLite's work is done in a thread of its own.
 * @throws StatusError FAILED_PRECONDITION naming the file, with reason DATABASE_IN_USE (after openTimeoutMs), SCHEMA_TOO_NEW,
 *   NOT_A_DATABASE, NOT_OUR_DATABASE, DATABASE_READ_ONLY, DATABASE_UNREADABLE or STORAGE_CORRUPT.
 */
export async function openSqliteDatabase({ path, clock, logger, limits }: SqliteOptions): Promise<Database> {
  const all = { ...DEFAULT_SQLITE_LIMITS, ...limits };
  const thread = await SqliteThread.open({ path: resolve(path), limits: all });
  return new SqliteDatabase(new SqliteStore(thread, all, clock, logger), clock, all);
}
