import { STATES } from '../operations/operation.ts';
import type { ChildQuery } from '../operations/operation-index.ts';
import { cutRows, VALUE_BYTES } from './row-values.ts';
import { parentKey } from './parent-key.ts';
import type { IndexRead, Row } from './sqlite-protocol.ts';
import { OPERATION_COLUMNS } from './sqlite-queries.ts';
import { LEASED_COUNT } from './sqlite-share-reads.ts';
import type { SqliteStatements } from './sqlite-statements.ts';

/** Answers the questions of OperationIndex. */
export function answerIndexRead(read: IndexRead, statements: SqliteStatements): readonly Row[] {
  switch (read.kind) {
    case 'children':
      return children(read.query, statements);
    case 'timers':
      return timers(read, statements);
    case 'request':
      return statements.all(BY_REQUEST_ID, read.surface, read.collection, read.requestId);
    case 'ended':
      return ended(read, statements);
    case 'leased':
      return statements.all(LEASED_COUNT, read.surface, read.collection, read.limit);
    case 'ahead': {
      const { priority, createTimeMs, name } = read.position;
      const position = [0 - priority, createTimeMs, name] as const;
      if (read.collection === undefined) return statements.all(AHEAD, read.operationKind, ...position, read.limit);
      return statements.all(AHEAD_IN_COLLECTION, read.operationKind, read.collection, ...position, read.limit);
    }
  }
}

function timers(read: Extract<IndexRead, { kind: 'timers' }>, statements: SqliteStatements): readonly Row[] {
  const { now, after, limit, bytesMax } = read;
  const parameters = { now, timeMs: after.timeMs, name: after.name, limit };
  return cutRows(statements.walk({ sql: TIMERS, parameters }), bytesMax);
}

function ended(read: Extract<IndexRead, { kind: 'ended' }>, statements: SqliteStatements): readonly Row[] {
  const { surface, collection, after, limit, bytesMax } = read;
  const parameters = { surface, collection, timeMs: after.timeMs, name: after.name, limit };
  return cutRows(statements.walk({ sql: ENDED, parameters }), bytesMax);
}

/** A walk for each state, merged by name. */
function children(query: ChildQuery, statements: SqliteStatements): readonly Row[] {
  const { parent, states = STATES, visibleOnly = false, after, limit } = query;
  const sql = CHILDREN(new Set(states).size, visibleOnly);
  return statements.query({
    sql,
    parameters: {
      parent: parentKey(parent),
      after,
      limit,
      ...Object.fromEntries([...new Set(states)].map((state, number) => [`state${String(number)}`, state])),
    },
  });
}

/** None of them makes SQLite read a value. */
const HEAD_COLUMNS = `name, kind, state, deleted, ${VALUE_BYTES}`;
const CHILDREN = (stateCount: number, visibleOnly: boolean): string =>
  Array.from(
    { length: stateCount },
    (_, number) => `SELECT ${HEAD_COLUMNS} FROM operations INDEXED BY operations_by_parent
  WHERE parent = $parent AND state = $state${String(number)} AND name > $after${visibleOnly ? ' AND deleted = 0' : ''}`,
  ).join(' UNION ALL ') + ' ORDER BY name LIMIT $limit';
const TIMERS = `SELECT ${OPERATION_COLUMNS} FROM operations INDEXED BY operations_by_timer
  WHERE timer_time_ms <= $now AND (timer_time_ms, name) > ($timeMs, $name) ORDER BY timer_time_ms, name LIMIT $limit`;
const BY_REQUEST_ID = `SELECT ${OPERATION_COLUMNS} FROM operations INDEXED BY operations_by_request
  WHERE surface = ? AND collection = ? AND request_id = ?`;
const ENDED = `SELECT ${OPERATION_COLUMNS} FROM operations INDEXED BY operations_by_end
  WHERE surface = $surface AND collection = $collection AND deleted = 0 AND end_time_ms IS NOT NULL
  AND (end_time_ms, name) > ($timeMs, $name) ORDER BY end_time_ms, name LIMIT $limit`;
const AHEAD = `SELECT COUNT(*) FROM (SELECT 1 FROM operations INDEXED BY operations_by_claim
  WHERE kind = ? AND state = 'QUEUED' AND waiting = 0 AND (claim_rank, create_time_ms, name) < (?, ?, ?) LIMIT ?)`;

const AHEAD_IN_COLLECTION = `SELECT COUNT(*) FROM (SELECT 1 FROM operations INDEXED BY operations_by_share
  WHERE kind = ? AND collection = ? AND state = 'QUEUED' AND waiting = 0 AND (claim_rank, create_time_ms, name) < (?, ?, ?)
  LIMIT ?)`;

/** Every statement above, for the test of their plans. */
export const INDEX_STATEMENTS: readonly string[] = [
  CHILDREN(1, false),
  CHILDREN(2, true),
  TIMERS,
  BY_REQUEST_ID,
  ENDED,
  AHEAD,
  AHEAD_IN_COLLECTION,
];
