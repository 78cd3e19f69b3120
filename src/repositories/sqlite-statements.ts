import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Query } from './sqlite-queries.ts';
import type { Row, SqlValue } from './sqlite-protocol.ts';

/** Statements kept compiled; the shapes of lists and claims are few, and more than this only costs a compilation. */
const STATEMENTS_MAX = 200;

/** Compiled statements by their text, the least recently used dropped first. */
export class SqliteStatements {
  readonly #database: DatabaseSync;
  readonly #compiled = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Runs a statement that returns nothing. @returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return Number(this.#get(sql).run(...values).changes);
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#get(sql).all(...values) as unknown as Row[];
  }

  /** Reads only as far as it is followed. */
  walk({ sql, parameters }: Query): Iterable<Row> {
    return this.#get(sql).iterate(parameters) as unknown as Iterable<Row>;
  }

  first(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#get(sql).get(...values) as unknown as Row | undefined;
  }

  query({ sql, parameters }: Query): Row[] {
    return this.#get(sql).all(parameters) as unknown as Row[];
  }

  #get(sql: string): StatementSync {
    const found = this.#compiled.get(sql) ?? this.#compile(sql);
    this.#compiled.delete(sql);
    this.#compiled.set(sql, found);
    return found;
  }

  #compile(sql: string): StatementSync {
    if (this.#compiled.size >= STATEMENTS_MAX) {
      const oldest = this.#compiled.keys().next();
      if (oldest.done !== true) this.#compiled.delete(oldest.value);
    }
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  }
}
