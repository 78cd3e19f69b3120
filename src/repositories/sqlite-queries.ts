/**
 * The SQL of the queries that must stay flat as the database grows.
 *
 * Each is a merge of walks over one index, a walk for each combination of the query's sets: SQLite reads only as far as the
 * limit. INDEXED BY makes a query whose index no longer serves it an error instead of a scan.
 */
import type { ClaimQuery, ListQuery } from '../operations/operation-repository.ts';
import { STATES } from '../operations/operation.ts';
import { COLUMNS } from './operation-columns.ts';
import type { SqlValue } from './sqlite-protocol.ts';

export interface Query {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, SqlValue>>;
}

/** Walks merged in one statement; more are merged outside. SQLite's own limit is 500. */
const WALKS_MAX = 64;

/** The record as the driver can read it whole: a fence may be beyond what a number holds. */
export const OPERATION_COLUMNS = COLUMNS.map((column) =>
  column === 'fence' ? 'CAST(fence AS TEXT) AS fence' : column,
).join(', ');

/** Later than any time that is stored. */
const END_OF_TIME_MS = Number.MAX_SAFE_INTEGER;

/** One or more statements whose rows together hold the page, each in the order of lists and cut to the limit. */
export function listQueries(query: ListQuery): readonly Query[] {
  const position = upperPosition(query);
  const parameters = {
    surface: query.surface,
    collection: query.collection,
    minTime: query.createTimeMinMs ?? -END_OF_TIME_MS,
    beforeTime: position.createTimeMs,
    beforeName: position.name,
    limit: query.limit,
  };
  if (query.resources !== undefined) return byResource(query, query.resources, parameters);
  if (query.states === undefined) return [mergedList('operations_by_time', [{}], parameters)];
  return mergedLists('operations_by_state', stateSets(query.states), parameters);
}

/** The position that all of the page lies behind: the cursor, or the newest time asked for, whichever is later in order. */
function upperPosition({ after, createTimeMaxMs }: ListQuery): { createTimeMs: number; name: string } {
  // No name is before the empty one: everything up to the newest time lies behind it.
  const newest = createTimeMaxMs === undefined ? END_OF_TIME_MS : Math.floor(createTimeMaxMs) + 1;
  if (after !== undefined && after.createTimeMs < newest) return after;
  return { createTimeMs: newest, name: '' };
}

type Equals = Readonly<Record<string, string>>;

function stateSets(states: readonly string[]): readonly Equals[] {
  return [...new Set(states)].map((state) => ({ state }));
}

function byResource(query: ListQuery, resources: readonly string[], parameters: Query['parameters']): readonly Query[] {
  const states = stateSets(query.states ?? STATES);
  const walks = [...new Set(resources)].flatMap((resource) => states.map((set) => ({ resource, ...set })));
  return mergedLists('operations_by_resource', walks, parameters);
}

function mergedLists(index: string, walks: readonly Equals[], parameters: Query['parameters']): readonly Query[] {
  return chunks(walks, WALKS_MAX).map((chunk) => mergedList(index, chunk, parameters));
}

function mergedList(index: string, walks: readonly Equals[], parameters: Query['parameters']): Query {
  const bound: Record<string, SqlValue> = { ...parameters };
  const selects = walks.map((walk, number) => {
    const conditions = Object.entries(walk).map(([column, value]) => {
      bound[`${column}${number}`] = value;
      return ` AND ${column} = $${column}${number}`;
    });
    return (
      `SELECT ${OPERATION_COLUMNS} FROM operations INDEXED BY ${index} ` +
      `WHERE surface = $surface AND collection = $collection AND deleted = 0${conditions.join('')} ` +
      `AND create_time_ms >= $minTime AND (create_time_ms, name) < ($beforeTime, $beforeName)`
    );
  });
  return {
    sql: `${selects.join(' UNION ALL ')} ORDER BY create_time_ms DESC, name DESC LIMIT $limit`,
    parameters: bound,
  };
}

/** A position in the claim's index. */
export interface RankPosition {
  readonly rank: number;
  readonly createTimeMs: number;
  readonly name: string;
}

/** Before every position. */
export const FIRST_RANK: RankPosition = { rank: -END_OF_TIME_MS, createTimeMs: -END_OF_TIME_MS, name: '' };

/** Queued operations that are not waiting, in the order of claims, behind a position. */
export function claimQueries(query: ClaimQuery, after: RankPosition): readonly Query[] {
  const shared = {
    rank: after.rank,
    afterTime: after.createTimeMs,
    afterName: after.name,
    deaths: query.deathCountAlone,
    limit: query.limit,
  };
  return chunks([...new Set(query.kinds)], WALKS_MAX).map((kinds) => mergedClaim(query, kinds, shared));
}

function mergedClaim(query: ClaimQuery, kinds: readonly string[], shared: Query['parameters']): Query {
  const bound: Record<string, SqlValue> = { ...shared };
  const few = query.alone && query.deathCountAlone > 0;
  const index = few ? 'operations_by_claim_alone' : 'operations_by_claim';
  const deaths = `${few ? 'death_count > 0 AND ' : ''}death_count ${query.alone ? '>=' : '<'} $deaths`;
  const selects = kinds.map((kind, number) => {
    bound[`kind${number}`] = kind;
    return (
      `SELECT ${OPERATION_COLUMNS} FROM operations INDEXED BY ${index} ` +
      `WHERE kind = $kind${number} AND state = 'QUEUED' AND waiting = 0 AND ${deaths} ` +
      `AND (claim_rank, create_time_ms, name) > ($rank, $afterTime, $afterName)`
    );
  });
  return {
    sql: `${selects.join(' UNION ALL ')} ORDER BY claim_rank, create_time_ms, name LIMIT $limit`,
    parameters: bound,
  };
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const all: T[][] = [];
  for (let start = 0; start < items.length; start += size) all.push(items.slice(start, start + size));
  return all;
}
