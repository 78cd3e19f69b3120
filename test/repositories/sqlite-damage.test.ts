import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Database } from '../../src/operations/database.ts';
import type { ClaimQuery, ListQuery } from '../../src/operations/operation-repository.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { openSqliteDatabase } from '../../src/repositories/sqlite-database.ts';
import { heldOperation, sampleOperation } from '../operations/sample-operation.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { makeDirectory } from './sqlite-harness.ts';

const CLAIM: ClaimQuery = { kinds: ['test'], limit: 2, deathCountAlone: 3, alone: false };
const PARENT = { name: 'p', createTimeMs: 1 };
const READS_MAX = 20;
const DAMAGED = { code: 15, info: { reason: 'STORAGE_CORRUPT', metadata: { operation: 'o1' } } };

let path: string;
let database: Database;
let logger: RecordingLogger;

beforeEach(() => {
  path = join(makeDirectory(), 'longrunning.db');
});

afterEach(async () => {
  await database.close();
  rmSync(dirname(path), { recursive: true });
});

/** A file whose records of these names hold a text that is no JSON. */
async function openDamaged(operations: readonly Operation[], names: readonly string[]): Promise<void> {
  database = await openSqliteDatabase({ path, clock: new FakeClock() });
  await Promise.all(operations.map((operation) => database.operations.insert(operation)));
  await database.close();
  const file = new DatabaseSync(path);
  for (const name of names) file.prepare(`UPDATE operations SET detail = '{' WHERE name = ?`).run(name);
  file.close();
  logger = new RecordingLogger();
  database = await openSqliteDatabase({ path, clock: new FakeClock(), logger, limits: { queuedReadsMax: READS_MAX } });
}

const named = (count: number, make: typeof sampleOperation): readonly Operation[] =>
  Array.from({ length: count }, (_, index) => make({ name: `o${index + 1}` }));
const run = (it: Operation): Operation => ({ ...it, state: 'RUNNING', session: 's2' });
const requeue = ({ session: _session, ...rest }: Operation): Operation => ({ ...rest, state: 'QUEUED' });

test('a damaged record is DATA_LOSS to those who ask for it, and the others can be read', async () => {
  await openDamaged(named(2, sampleOperation), ['o1']);
  await expect(database.operations.get('o1')).rejects.toMatchObject(DAMAGED);
  await expect(database.operations.getMany(['o2', 'o1'])).rejects.toMatchObject(DAMAGED);
  expect((await database.operations.get('o2'))?.name).toBe('o2');
});

test('a read of many tells of damaged records, where somebody is to be told, and finds the others', async () => {
  await openDamaged(named(3, sampleOperation), ['o1']);
  const told: [string, unknown][] = [];
  const found = await database.operations.getMany(['o1', 'o2', 'none', 'o3'], (name, error) =>
    told.push([name, error]),
  );
  expect(found.map(({ name }) => name)).toEqual(['o2', 'o3']);
  expect(told).toEqual([['o1', expect.objectContaining({ code: DAMAGED.code })]]);
});

test('a list passes damaged records by, and its pages are as full as they can be', async () => {
  await openDamaged(named(5, sampleOperation), ['o5', 'o4', 'o2']);
  const list = async (query: Partial<ListQuery>): Promise<readonly string[]> =>
    (await database.operations.list({ surface: 'longrunning', collection: 'operations', limit: 9, ...query })).map(
      ({ name }) => name,
    );
  expect(await list({})).toEqual(['o3', 'o1']);
  expect(await list({ limit: 1 })).toEqual(['o3']);
  expect(await list({ limit: 1, after: { createTimeMs: 1000, name: 'o3' } })).toEqual(['o1']);
  expect(await list({ names: ['o5', 'o3'] })).toEqual(['o3']);
  expect(await list({ states: ['QUEUED'], bytesMax: 1 })).toEqual(['o3', 'o1']);
  expect(logger.ofLevel('error').map(({ fields }) => fields['operation'])).toEqual(['o5', 'o4', 'o2']);
});

test('what has ended is found though some of it is damaged', async () => {
  const encoded = new Uint8Array(10);
  const ended = named(5, (changes) => sampleOperation({ ...changes, state: 'FAILED', endTimeMs: 7, encoded }));
  await openDamaged(ended, ['o1', 'o2', 'o4']);
  const query = { surface: 'longrunning', collection: 'operations', after: { timeMs: 0, name: '' } };
  const namesOf = async (limit: number, bytesMax = Infinity) =>
    (await database.index.ended({ ...query, limit, bytesMax })).map(({ name }) => name);
  expect(await namesOf(9)).toEqual(['o3', 'o5']);
  expect(await namesOf(2)).toEqual(['o3', 'o5']);
  expect(await namesOf(1)).toEqual(['o3']);
  expect(await namesOf(9, 1)).toEqual(['o3']);
  expect(await namesOf(9, 11)).toEqual(['o3', 'o5']);
});

test('the children of an operation are all found though some of them are damaged', async () => {
  await openDamaged(
    named(4, (changes) => sampleOperation({ ...changes, parent: PARENT })),
    ['o1', 'o2'],
  );
  const page = await database.index.children({ parent: PARENT, after: '', limit: 2 });
  expect(page.map(({ name }) => name)).toEqual(['o1', 'o2']);
  const rest = await database.index.children({ parent: PARENT, after: 'o2', limit: 2 });
  expect(rest.map(({ name }) => name)).toEqual(['o3', 'o4']);
});

test('an update of a damaged record is refused, and one of the same moment goes through', async () => {
  await openDamaged(named(2, sampleOperation), ['o1']);
  const [first, second] = await database.operations.updateMany(
    ['o1', 'o2'].map((name) => ({ name, change: (it) => ({ ...it, priority: 1 }) })),
  );
  expect(first).toMatchObject({ status: 'rejected', reason: DAMAGED });
  expect(second).toMatchObject({ status: 'fulfilled' });
});

test('a claim passes damaged records by, a whole page of them too, and they are told once', async () => {
  await openDamaged(named(5, sampleOperation), ['o1', 'o2', 'o4']);
  expect(await database.operations.claim(CLAIM, (it) => it)).toEqual([]);
  const claimed = await database.operations.claim(CLAIM, run);
  expect(claimed.map(({ name }) => name)).toEqual(['o3', 'o5']);
  expect(await database.operations.claim(CLAIM, run)).toEqual([]);
  const told = logger.ofLevel('error').map(({ fields }) => fields['operation']);
  expect(told).toEqual(['o1', 'o2', 'o4']);
});

test('a claim with shares passes damaged records by, within a collection and whole collections of them', async () => {
  const collections: Readonly<Record<string, string>> = { o1: 'a', o2: 'a', o3: 'b', o4: 'c', o5: 'c' };
  const shared = named(5, (it) => sampleOperation({ ...it, collection: collections[it?.name ?? ''] ?? '' }));
  await openDamaged(shared, ['o1', 'o3', 'o4']);
  const one = { ...CLAIM, limit: 1, share: { surface: 'longrunning', leasedCountMax: 1 } };
  const claimed: string[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    for (const { name } of await database.operations.claim(one, run)) claimed.push(name);
  }
  expect(claimed).toEqual(['o2', 'o5']);
});

test('holders are told though the records that they hold are damaged', async () => {
  await openDamaged(
    named(2, (changes) => heldOperation({ ...changes, session: `s/${changes?.name ?? ''}` })),
    ['o1'],
  );
  const found = await database.index.holders('', 9);
  expect(found.map(({ session, lease }) => [session, lease.name])).toEqual([
    ['s/o1', 'o1'],
    ['s/o2', 'o2'],
  ]);
});

test('an expiry asks no more for a session of which only a damaged record is left', async () => {
  await openDamaged(named(2, heldOperation), ['o1']);
  await database.operations.expireSessions(10, requeue);
  const reads = Array.from({ length: READS_MAX }, () => database.operations.get('none'));
  // Any further read would be refused.
  expect(await database.operations.expireSessions(10, requeue)).toEqual([]);
  await Promise.all(reads);
});

test('an expiry passes damaged records by, so that what is left of a process can be recovered', async () => {
  await openDamaged(named(3, heldOperation), ['o1', 'o3']);
  const expired = await database.operations.expireSessions(1, requeue);
  expect(expired.map(({ name }) => name)).toEqual(['o2']);
  expect(await database.operations.expireSessions(10, requeue)).toEqual([]);
});
