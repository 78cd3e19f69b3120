import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ClaimQuery, ListQuery } from '../../src/operations/operation-repository.ts';
import { migrate } from '../../src/repositories/sqlite-migrations.ts';
import { claimQueries, FIRST_RANK, listQueries } from '../../src/repositories/sqlite-queries.ts';
import { INDEX_STATEMENTS } from '../../src/repositories/sqlite-index-reads.ts';
import { HOT_STATEMENTS } from '../../src/repositories/sqlite-reads.ts';
import { SHARE_STATEMENTS } from '../../src/repositories/sqlite-share-reads.ts';
import { WRITE_STATEMENTS } from '../../src/repositories/sqlite-writes.ts';

const LIST: ListQuery = { surface: 's', collection: 'c', limit: 10 };
const CLAIM: ClaimQuery = { kinds: ['a'], limit: 1, deathCountAlone: 3, alone: false };

let file: DatabaseSync;

beforeAll(() => {
  file = new DatabaseSync(':memory:');
  migrate(file);
});

afterAll(() => {
  file.close();
});

function planOf(sql: string): string {
  const rows = file.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
  return rows.map(({ detail }) => detail).join('\n');
}

const lists: Partial<ListQuery>[] = [
  {},
  { after: { createTimeMs: 5, name: 'x' } },
  { createTimeMinMs: 1, createTimeMaxMs: 9 },
  { states: ['RUNNING'] },
  { states: ['RUNNING', 'QUEUED', 'FAILED'] },
  { resources: ['r'] },
  { resources: ['r', 'q'], states: ['RUNNING'] },
];

const claims: Partial<ClaimQuery>[] = [
  {},
  { kinds: ['a', 'b', 'c'] },
  { alone: true },
  { alone: true, deathCountAlone: 0 },
];

test.each<readonly [string, string]>([
  ...lists.map((query) => [JSON.stringify(query), listQueries({ ...LIST, ...query })[0]?.sql ?? ''] as const),
  ...claims.map(
    (query) => [JSON.stringify(query), claimQueries({ ...CLAIM, ...query }, FIRST_RANK)[0]?.sql ?? ''] as const,
  ),
  ...[...HOT_STATEMENTS, ...INDEX_STATEMENTS, ...SHARE_STATEMENTS].map((sql) => [sql, sql] as const),
  ...WRITE_STATEMENTS.filter((sql) => !sql.startsWith('INSERT')).map((sql) => [sql, sql] as const),
])('walks an index and sorts nothing: %s', (_, sql) => {
  const plan = planOf(sql);
  expect(plan).toMatch(/SEARCH/);
  // A subquery is walked to count what it found.
  expect(plan).not.toMatch(/SCAN (?!\(subquery)|TEMP B-TREE/);
});

test.each(lists)('continues a list within its index: %j', (query) => {
  const sql = listQueries({ ...LIST, ...query })[0]?.sql ?? '';
  expect(planOf(sql)).toMatch(/create_time_ms.*\(create_time_ms,name\)<|\(create_time_ms,name\)<|create_time_ms>/);
});
