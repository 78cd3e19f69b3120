import type { ClaimQuery, ListQuery } from '../operations/operation-repository.ts';
import type { ResourceQuery } from '../operations/resource.ts';
import { HOLDER_COLUMNS } from './holder-row.ts';
import { positionOf } from './operation-row.ts';
import { cutRows } from './row-values.ts';
import { compareForClaim, compareForList, type ClaimPosition } from './record-order.ts';
import { JOURNAL_COLUMNS, RESOURCE_COLUMNS } from './resource-row.ts';
import type { Read, Row } from './sqlite-protocol.ts';
import { answerIndexRead } from './sqlite-index-reads.ts';
import { claimQueries, FIRST_RANK, listQueries, OPERATION_COLUMNS, type Query } from './sqlite-queries.ts';
import { claimableByCollection, headsOf } from './sqlite-share-reads.ts';
import type { SqliteStatements } from './sqlite-statements.ts';

/** Delayed operations that one claim lets into the queue, so that it stays short after a long sleep. */
const PROMOTIONS_MAX = 1_000;

/** Answers the questions about a database; runs between commits, so that it sees committed state only. */
export class SqliteReads {
  readonly #statements: SqliteStatements;

  constructor(statements: SqliteStatements) {
    this.#statements = statements;
  }

  answer(read: Read): readonly Row[] {
    switch (read.kind) {
      case 'operations':
        return this.#operations(read.names);
      case 'list':
        return this.#list(read.query);
      case 'claimable':
        return this.#claimable(read.query, read.now, read.after);
      case 'shared':
        this.#promote(read.now);
        return claimableByCollection(read.read, this.#statements);
      case 'sharedRest':
        return headsOf(read.read, this.#statements);
      case 'holders':
        return this.#holders(read.after, read.limit);
      case 'held':
        return cutRows(this.#held(read), read.bytesMax ?? Infinity);
      case 'resource':
        return this.#statements.all(RESOURCE, read.resourceKind, read.name);
      case 'resources':
        return this.#resources(read.query);
      case 'dueResources':
        return this.#statements.all(DUE_RESOURCES, read.resourceKind, read.now, read.limit);
      case 'journal':
        return this.#statements.all(JOURNAL, read.operation);
      case 'orphans':
        return this.#statements.all(ORPHANS, read.limit);
      case 'ahead':
        this.#promote(read.now);
        return answerIndexRead(read, this.#statements);
      default:
        return answerIndexRead(read, this.#statements);
    }
  }

  #operations(names: readonly string[]): readonly Row[] {
    return names.flatMap((name) => {
      const row = this.#statements.first(OPERATION, name);
      return row === undefined ? [] : [row];
    });
  }

  #list(query: ListQuery): readonly Row[] {
    const { bytesMax, limit } = query;
    const queries = listQueries(query);
    if (bytesMax === undefined) return this.#merge(queries, limit, compareRows);
    const found = queries.map((each) => cutRows(this.#statements.walk(each), bytesMax));
    if (found.length === 1) return found[0] ?? [];
    // Each of them ends at its bytes or later, so that the merged page does not pass by what one of them has left out.
    return cutRows(found.flat().sort(compareRows).slice(0, limit), bytesMax);
  }

  #claimable(query: ClaimQuery, now: number, after: ClaimPosition | undefined): readonly Row[] {
    this.#promote(now);
    const position = after === undefined ? FIRST_RANK : { ...after, rank: 0 - after.priority };
    return this.#merge(claimQueries(query, position), query.limit, (left, right) =>
      compareForClaim(positionOf(left), positionOf(right)),
    );
  }

  /** Lets the operations whose due time has come into the queue. */
  #promote(now: number): void {
    if (this.#statements.first(DUE, now) !== undefined) this.#statements.run(PROMOTE, now, PROMOTIONS_MAX);
  }

  *#held({ sessions, after, limit }: Extract<Read, { kind: 'held' }>): Iterable<Row> {
    let rest = limit;
    let name = after;
    for (const session of sessions) {
      if (rest === 0) return;
      for (const row of this.#statements.walk({ sql: HELD, parameters: { session, name, limit: rest } })) {
        rest -= 1;
        yield row;
      }
      name = '';
    }
  }

  #holders(after: string, limit: number): readonly Row[] {
    const holders: Row[] = [];
    while (holders.length < limit) {
      const next = this.#statements.first(NEXT_HOLDER, holders.at(-1)?.[0] ?? after);
      if (next === undefined) break;
      holders.push(next);
    }
    return holders;
  }

  #resources({ kind, collection, after, limit }: ResourceQuery): readonly Row[] {
    const createTimeMs = after?.createTimeMs ?? Number.MAX_SAFE_INTEGER;
    return this.#statements.all(RESOURCES, kind, collection, createTimeMs, after?.name ?? '', limit);
  }

  #merge(queries: readonly Query[], limit: number, compare: (left: Row, right: Row) => number): readonly Row[] {
    const found = queries.map((query) => this.#statements.query(query));
    if (found.length === 1) return found[0] ?? [];
    return found.flat().sort(compare).slice(0, limit);
  }
}

function compareRows(left: Row, right: Row): number {
  return compareForList(positionOf(left), positionOf(right));
}

export const OPERATION = `SELECT ${OPERATION_COLUMNS} FROM operations WHERE name = ?`;
const HELD = `SELECT ${OPERATION_COLUMNS} FROM operations INDEXED BY operations_by_session
  WHERE session = $session AND name > $name ORDER BY name LIMIT $limit`;
const NEXT_HOLDER = `SELECT ${HOLDER_COLUMNS} FROM operations INDEXED BY operations_by_session
  WHERE session > ? ORDER BY session, name LIMIT 1`;
const DUE = `SELECT 1 FROM operations INDEXED BY operations_by_due
  WHERE state = 'QUEUED' AND waiting = 1 AND due_time_ms <= ? LIMIT 1`;
const PROMOTE = `UPDATE operations SET waiting = 0 WHERE id IN (
  SELECT id FROM operations INDEXED BY operations_by_due
  WHERE state = 'QUEUED' AND waiting = 1 AND due_time_ms <= ? ORDER BY due_time_ms LIMIT ?)`;
const RESOURCE = `SELECT ${RESOURCE_COLUMNS} FROM resources WHERE kind = ? AND name = ?`;
const RESOURCES = `SELECT ${RESOURCE_COLUMNS} FROM resources INDEXED BY resources_by_time
  WHERE kind = ? AND collection = ? AND (create_time_ms, name) < (?, ?)
  ORDER BY create_time_ms DESC, name DESC LIMIT ?`;
const DUE_RESOURCES = `SELECT ${RESOURCE_COLUMNS} FROM resources INDEXED BY resources_by_due
  WHERE kind = ? AND due_time_ms <= ? ORDER BY due_time_ms, name LIMIT ?`;
const JOURNAL = `SELECT ${JOURNAL_COLUMNS} FROM journal WHERE operation = ? ORDER BY id`;
// Open entries are few (those of running work), and only they are walked.
const ORPHANS = `SELECT ${JOURNAL_COLUMNS} FROM journal WHERE NOT EXISTS (
  SELECT 1 FROM operations WHERE name = journal.operation AND state NOT IN ('SUCCEEDED', 'FAILED', 'CANCELLED'))
  ORDER BY operation, id LIMIT ?`;

/** The statements that must never walk more than they answer, for the test of their plans. */
export const HOT_STATEMENTS: readonly string[] = [
  OPERATION,
  HELD,
  NEXT_HOLDER,
  DUE,
  RESOURCE,
  RESOURCES,
  DUE_RESOURCES,
  JOURNAL,
];
