import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/operations/database.ts';
import { openSqliteDatabase } from '../../src/repositories/sqlite-database.ts';
import { sampleOperation } from '../operations/sample-operation.ts';
import { canMount } from '../support/can-mount.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { makeDirectory, openHarness } from './sqlite-harness.ts';

const KIB = 1024;
const FULL = { code: 8, info: { reason: 'STORAGE_FULL' } };

/** Inserts until the database is full. @returns the names that were acknowledged, and the error. */
async function fill(database: Database, bytes: number): Promise<{ names: readonly string[]; error: unknown }> {
  const names: string[] = [];
  for (let index = 0; index < 10_000; index++) {
    const name = `operations/fill-${index}`;
    const journal = [{ put: { operation: name, id: 'a', value: new Uint8Array(bytes) } }];
    const done = { state: 'SUCCEEDED', expireTimeMs: 1 } as const;
    try {
      await database.operations.insert(sampleOperation({ name, ...done, encoded: new Uint8Array(bytes) }), { journal });
    } catch (error) {
      return { names, error };
    }
    names.push(name);
  }
  throw new Error('it never filled');
}

/** All that was acknowledged is there with what went beside it, and of the rest nothing. */
async function expectWhole(database: Database, names: readonly string[]): Promise<void> {
  const listed = await database.operations.list({ surface: 'longrunning', collection: 'operations', limit: 1e5 });
  expect(listed.map(({ name }) => name).sort()).toEqual([...names].sort());
  expect((await database.journal.orphans(1e5)).map(({ operation }) => operation).sort()).toEqual([...names].sort());
}

test('a full file refuses writes, reads on, holds nothing by halves, and works again when there is room', async () => {
  const harness = await openHarness({ filePagesMax: 150 });
  const { database } = harness;
  const { names, error } = await fill(database, 2 * KIB);
  expect(error).toMatchObject(FULL);
  await expectWhole(database, names);
  await expect(
    Promise.all(names.slice(0, 40).map((name) => database.operations.update(name, grow(64 * KIB)))),
  ).rejects.toMatchObject(FULL);
  await expectWhole(database, names);
  expect(await database.operations.purge(names.length)).toBe(names.length);
  await database.journal.remove(names.map((operation) => ({ operation, id: 'a' })));
  expect((await database.operations.insert(sampleOperation())).created).toBe(true);
  expect((await database.operations.update('operations/1', (it) => ({ ...it, priority: 1 }))).revision).toBe(2);
  await harness.dispose();
});

test('one write that does not fit leaves the others of its commit', async () => {
  const harness = await openHarness({ filePagesMax: 150 });
  const { operations } = harness.database;
  const results = await Promise.allSettled([
    operations.insert(sampleOperation({ name: 'operations/1' })),
    operations.insert(sampleOperation({ name: 'operations/2', encoded: new Uint8Array(4_096 * KIB) })),
    operations.insert(sampleOperation({ name: 'operations/3' })),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({ reason: FULL });
  expect(await operations.list({ surface: 'longrunning', collection: 'operations', limit: 9 })).toHaveLength(2);
  await harness.dispose();
});

(canMount() ? describe : describe.skip)('on a disk that is full (where one can be mounted)', () => {
  let directory: string;

  beforeEach(() => {
    directory = makeDirectory();
    mkdirSync(join(directory, 'disk'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', join(directory, 'disk')]);
  });

  afterEach(() => {
    execFileSync('umount', ['-l', join(directory, 'disk')]);
    rmSync(directory, { recursive: true });
  });

  test('writes are refused whole until space returns', async () => {
    const disk = join(directory, 'disk');
    const filler = join(disk, 'filler');
    const path = join(disk, 'longrunning.db');
    writeFileSync(filler, new Uint8Array(1024 * KIB));
    const database = await openSqliteDatabase({ path, clock: new FakeClock() });
    const { names, error } = await fill(database, 8 * KIB);
    expect(error).toMatchObject(FULL);
    await expectWhole(database, names);
    rmSync(filler);
    await database.check();
    expect((await database.operations.insert(sampleOperation())).created).toBe(true);
    await database.close();
    const again = await openSqliteDatabase({ path, clock: new FakeClock() });
    expect(await again.operations.getMany([...names, 'operations/1'])).toHaveLength(names.length + 1);
    await again.close();
  });
});

test.each(['', '-wal'])(
  'what is written into a removed file (longrunning.db%s) is never acknowledged',
  async (suffix) => {
    const harness = await openHarness();
    const { operations } = harness.database;
    await operations.insert(sampleOperation({ name: 'operations/1' }));
    renameSync(harness.path + suffix, `${harness.path}.away`);
    const moved = { code: 14, info: { reason: 'DATABASE_MOVED', metadata: { path: harness.path } } };
    await expect(operations.insert(sampleOperation({ name: 'operations/2' }))).rejects.toMatchObject(moved);
    await expect(harness.database.check()).rejects.toMatchObject(moved);
    expect((await operations.get('operations/1'))?.name).toBe('operations/1');
    renameSync(`${harness.path}.away`, harness.path + suffix);
    expect((await operations.insert(sampleOperation({ name: 'operations/2' }))).created).toBe(true);
    await harness.dispose();
  },
);

test('a copy in the place of the file is not taken for it', async () => {
  const harness = await openHarness();
  copyFileSync(harness.path, `${harness.path}.copy`);
  renameSync(`${harness.path}.copy`, harness.path);
  await expect(harness.database.operations.insert(sampleOperation())).rejects.toMatchObject({ code: 14 });
  await harness.dispose();
});

test('more writes than may wait are refused at once, and the others go through', async () => {
  const harness = await openHarness({ queuedWritesMax: 10 });
  const { operations } = harness.database;
  const results = await Promise.allSettled(
    Array.from({ length: 15 }, (_, index) => operations.insert(sampleOperation({ name: `operations/${index}` }))),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  expect(results[14]).toMatchObject({ reason: { code: 8, info: { reason: 'WRITE_QUEUE_FULL' }, retryDelayMs: 1000 } });
  const updates = await Promise.allSettled(
    Array.from({ length: 15 }, () => operations.update('operations/1', (it) => ({ ...it, priority: it.priority + 1 }))),
  );
  expect(updates.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  expect((await operations.get('operations/1'))?.priority).toBe(10);
  await harness.dispose();
});

test('more reads than may wait are refused at once', async () => {
  const harness = await openHarness({ queuedReadsMax: 5 });
  const reads = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => harness.database.operations.get(`operations/${index}`)),
  );
  expect(reads.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  expect(reads[7]).toMatchObject({ reason: { code: 8, info: { reason: 'READ_QUEUE_FULL' } } });
  await harness.dispose();
});

function grow(bytes: number) {
  return (it: ReturnType<typeof sampleOperation>) => ({ ...it, encoded: new Uint8Array(bytes) });
}
