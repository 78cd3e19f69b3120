import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Database } from '../../src/operations/database.ts';
import { openSqliteDatabase } from '../../src/repositories/sqlite-database.ts';
import { migrate, MIGRATIONS } from '../../src/repositories/sqlite-migrations.ts';
import { heldOperation, sampleOperation } from '../operations/sample-operation.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SqliteChild } from './sqlite-child.ts';
import { makeDirectory, openHarness } from './sqlite-harness.ts';

const FIXTURE = new URL('./fixtures/schema-1.sql', import.meta.url);

let directory: string;
let path: string;

beforeEach(() => {
  directory = makeDirectory();
  path = join(directory, 'longrunning.db');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function open(openTimeoutMs = 100): Promise<Database> {
  return openSqliteDatabase({ path, clock: new FakeClock(), limits: { openTimeoutMs } });
}

function expectRefusal(promise: Promise<unknown>, reason: string): Promise<void> {
  const message: unknown = expect.stringContaining(path);
  return expect(promise).rejects.toMatchObject({ code: 9, message, info: { reason, metadata: { path } } });
}

test('a missing directory and file are made, for this user only', async () => {
  path = join(directory, 'a', 'b', 'longrunning.db');
  const database = await open();
  expect(statSync(join(directory, 'a')).mode & 0o777).toBe(0o700);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
  await database.close();
});

test('a directory that cannot be made is refused, where its parent takes no child too', async () => {
  writeFileSync(join(directory, 'file'), '');
  for (path of ['/proc/longrunning/longrunning.db', join(directory, 'file', 'longrunning.db')]) {
    await expectRefusal(open(), 'DATABASE_UNREADABLE');
  }
});

test('a file that another process has open is refused, naming it', async () => {
  const holder = new SqliteChild('hold', path);
  await holder.printed(1);
  await expectRefusal(open(), 'DATABASE_IN_USE');
  await holder.kill();
});

test('a file whose owner was killed opens at once', async () => {
  const holder = new SqliteChild('hold', path);
  await holder.printed(1);
  await holder.kill();
  await (await open(0)).close();
});

test('a file whose owner is ending opens when it has ended', async () => {
  const first = await open();
  const second = open(5_000);
  await first.close();
  await (await second).close();
});

test('a file that this process has open is refused, and stays usable where it is open', async () => {
  const first = await open();
  await first.operations.insert(sampleOperation());
  await expectRefusal(open(), 'DATABASE_IN_USE');
  expect((await first.operations.update('operations/1', (it) => ({ ...it, priority: 1 }))).revision).toBe(2);
  await first.close();
});

test('the log is written back when the database closes', async () => {
  const database = await open();
  await database.operations.insert(sampleOperation());
  await database.close();
  expect(() => statSync(`${path}-wal`)).toThrow('ENOENT');
});

test('what was written is there when the file is opened again', async () => {
  const harness = await openHarness();
  await harness.database.operations.insert(sampleOperation());
  const updated = await harness.database.operations.update('operations/1', (it) => ({ ...it, fence: 2n ** 60n + 1n }));
  const secret = await harness.database.secret('a');
  const database = await harness.reopen();
  expect(await database.operations.get('operations/1')).toEqual(updated);
  expect(await database.secret('a')).toEqual(secret);
  await harness.dispose();
});

test('sessions of an earlier owner are over', async () => {
  const harness = await openHarness();
  await harness.database.operations.renewSessions(['s1'], 1e9);
  await harness.database.operations.insert(heldOperation({ session: 's1' }));
  expect(await harness.database.operations.expireSessions(10, (it) => ({ ...it, state: 'QUEUED' }))).toEqual([]);
  const database = await harness.reopen();
  expect(database.exclusive).toBe(true);
  expect(await database.operations.expireSessions(10, (it) => ({ ...it, state: 'QUEUED' }))).toHaveLength(1);
  await harness.dispose();
});

test('a newer schema is refused, and the file is left as it was', async () => {
  await (await open()).close();
  const file = new DatabaseSync(path);
  file.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  file.close();
  const before = readFileSync(path);
  await expectRefusal(open(), 'SCHEMA_TOO_NEW');
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("another application's database is refused, and left as it was", async () => {
  const file = new DatabaseSync(path);
  file.exec('CREATE TABLE theirs (id INTEGER)');
  file.close();
  const before = readFileSync(path);
  await expectRefusal(open(), 'NOT_OUR_DATABASE');
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a file that is no database is refused, and left as it was', async () => {
  writeFileSync(path, 'some text, and more of it '.repeat(100));
  await expectRefusal(open(), 'NOT_A_DATABASE');
  expect(readFileSync(path, 'utf8')).toContain('some text');
});

test('a directory in the place of the file is refused', async () => {
  mkdirSync(path);
  await expectRefusal(open(), 'DATABASE_UNREADABLE');
});

test('a file in the place of the directory is refused', async () => {
  writeFileSync(join(directory, 'file'), '');
  path = join(directory, 'file', 'longrunning.db');
  await expectRefusal(open(), 'DATABASE_UNREADABLE');
});

test.each([
  [0o444, 'DATABASE_READ_ONLY'],
  [0o000, 'DATABASE_UNREADABLE'],
])('a file with mode %o is refused as %s', async (mode, reason) => {
  await (await open()).close();
  // Nothing is read-only for root, so that another user has to try.
  const nobody = process.getuid?.() === 0 ? 65_534 : undefined;
  if (nobody !== undefined) chownSync(directory, nobody, nobody);
  chmodSync(directory, 0o755);
  if (nobody !== undefined) chownSync(path, nobody, nobody);
  chmodSync(path, mode);
  const lines = await new SqliteChild('open', path, nobody).finished();
  expect(lines).toEqual([expect.stringContaining(`9 ${reason} ${path}`)]);
});

test('a database of schema 1 opens with all it held', async () => {
  const file = new DatabaseSync(path);
  file.exec(readFileSync(FIXTURE, 'utf8'));
  file.close();
  const database = await open();
  const { operations, resources, journal } = database;
  expect(await operations.get('operations/running')).toMatchObject({
    state: 'RUNNING',
    session: 's1',
    fence: 9_007_199_254_740_993n,
    checkpoint: { typeUrl: 't/checkpoint', value: new Uint8Array([1, 2, 3]) },
  });
  expect(await operations.list({ surface: 'longrunning', collection: 'operations', limit: 10 })).toHaveLength(2);
  expect(await resources.get('transfer-job', 'transferJobs/1')).toMatchObject({ revision: 4, dueTimeMs: 1500 });
  expect(await journal.open('operations/running')).toHaveLength(1);
  expect(await database.secret('page-tokens')).toEqual(new Uint8Array(32).fill(7));
  await database.close();
});

test('a database of schema 3 opens with every child at its own parent', async () => {
  const file = new DatabaseSync(path);
  migrate(file, MIGRATIONS.slice(0, 3));
  const insert = file.prepare(`INSERT INTO operations (name, surface, collection, kind, state, deleted, claim_rank,
    create_time_ms, due_time_ms, waiting, death_count, revision, fence, detail, parent)
    VALUES (?, 'longrunning', 'operations', 'test', 'QUEUED', 0, 0, ?, 0, 0, 0, 1, 0, '{"requestType":"t/request"}', ?)`);
  insert.run('operations/child of an earlier one', 1001, 'operations/parent');
  insert.run('operations/parent', 1000, null);
  insert.run('operations/child', 1000, 'operations/parent');
  insert.run('operations/child as the clock was set back', 999, 'operations/parent');
  insert.run('operations/child of none', 1000, 'operations/gone');
  file.close();
  const database = await open();
  const { operations, index } = database;
  const ofOne = await index.children({
    parent: { name: 'operations/parent', createTimeMs: 1000 },
    after: '',
    limit: 9,
  });
  expect(ofOne.map(({ name }) => name)).toEqual(['operations/child', 'operations/child as the clock was set back']);
  expect((await operations.get('operations/child of an earlier one'))?.parent).toEqual({
    name: 'operations/parent',
    createTimeMs: 0,
  });
  expect((await operations.get('operations/child of none'))?.parent).toEqual({
    name: 'operations/gone',
    createTimeMs: 0,
  });
  expect((await operations.get('operations/parent'))?.parent).toBeUndefined();
  await database.close();
});

test('a migration that fails leaves the file at the version before it', () => {
  const file = new DatabaseSync(path);
  migrate(file);
  const broken = [...MIGRATIONS, 'CREATE TABLE added (id INTEGER); SELECT * FROM missing'];
  expect(() => {
    migrate(file, broken);
  }).toThrow('missing');
  expect(file.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length });
  expect(file.prepare("SELECT name FROM sqlite_schema WHERE name = 'added'").get()).toBeUndefined();
  migrate(file, [...MIGRATIONS, 'CREATE TABLE added (id INTEGER)']);
  expect(file.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length + 1 });
  file.close();
});
