import type { DatabaseSync } from 'node:sqlite';
import { closeConnection, openConnection } from './sqlite-connection.ts';
import { isTooMuch, toFailure, translateFault } from './sqlite-failures.ts';
import { SqliteFiles } from './sqlite-files.ts';
import type { Reply, Request, ThreadOptions, Write, WriteResult } from './sqlite-protocol.ts';
import { SqliteReads } from './sqlite-reads.ts';
import { SqliteStatements } from './sqlite-statements.ts';
import { isOneStatement, SqliteWrites } from './sqlite-writes.ts';

/** The database as its own thread has it: one request at a time, each answered whole. */
export class SqliteEngine {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #files: SqliteFiles;
  readonly #statements: SqliteStatements;
  readonly #reads: SqliteReads;
  readonly #writes: SqliteWrites;

  /** Blocks until the file is ours. @throws StatusError when it cannot be. */
  /**
   * Operations of which a write of this commit met another writer. Those behind it were computed on what it did not write: their
   * revisions may be right by chance, as the other writer's counts like theirs.
   */
  readonly #conflicted = new Set<string>();

  constructor({ path, limits }: ThreadOptions) {
    this.#path = path;
    this.#database = openConnection(path, limits);
    this.#files = new SqliteFiles(path);
    this.#statements = new SqliteStatements(this.#database);
    this.#reads = new SqliteReads(this.#statements);
    this.#writes = new SqliteWrites(this.#statements);
  }

  answer(request: Request): Reply {
    const { id } = request;
    try {
      if ('writes' in request) {
        this.#conflicted.clear();
        return { id, results: this.#commit(request.writes) };
      }
      if ('read' in request) return { id, rows: this.#reads.answer(request.read) };
      closeConnection(this.#database);
      return { id, rows: [] };
    } catch (error) {
      return { id, failure: toFailure(translateFault(error, this.#path)) };
    }
  }

  /**
   * All writes in one transaction; one that fails leaves the others. When this throws none was written.
   *
   * A write that does not fit ends the transaction of them all: then each half is tried by itself, down to the one.
   */
  #commit(writes: readonly Write[]): readonly WriteResult[] {
    try {
      return this.#commitTogether(writes);
    } catch (error) {
      if (!isTooMuch(error) || writes.length === 1) throw error;
      const middle = writes.length >>> 1;
      return [...this.#commitPart(writes.slice(0, middle)), ...this.#commitPart(writes.slice(middle))];
    }
  }

  /** As commit, but a failure is the answer: the other part may be written already. */
  #commitPart(writes: readonly Write[]): readonly WriteResult[] {
    try {
      return this.#commit(writes);
    } catch (error) {
      const failure = toFailure(translateFault(error, this.#path));
      return writes.map(() => ({ kind: 'failed', failure }));
    }
  }

  #commitTogether(writes: readonly Write[]): readonly WriteResult[] {
    this.#files.assertInPlace();
    this.#statements.run('BEGIN IMMEDIATE');
    try {
      const results = writes.map((write) => this.#attempt(write));
      this.#statements.run('COMMIT');
      return results;
    } catch (error) {
      if (this.#database.isTransaction) this.#statements.run('ROLLBACK');
      throw error;
    }
  }

  #attempt(write: Write): WriteResult {
    if (!('revision' in write)) return this.#attemptOne(write);
    if (this.#conflicted.has(write.name)) return { kind: 'conflict' };
    const result = this.#attemptOne(write);
    if (result.kind === 'conflict') this.#conflicted.add(write.name);
    return result;
  }

  #attemptOne(write: Write): WriteResult {
    if (isOneStatement(write)) return this.#settle(write);
    this.#statements.run('SAVEPOINT write');
    const result = this.#settle(write);
    if (result.kind === 'failed') this.#statements.run('ROLLBACK TO write');
    this.#statements.run('RELEASE write');
    return result;
  }

  #settle(write: Write): WriteResult {
    try {
      return this.#writes.apply(write);
    } catch (error) {
      // Some faults end the whole transaction; then no writer of this commit may be told that it succeeded.
      if (!this.#database.isTransaction) throw error;
      return { kind: 'failed', failure: toFailure(translateFault(error, this.#path)) };
    }
  }
}
