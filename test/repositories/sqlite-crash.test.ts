import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openSqliteDatabase } from '../../src/repositories/sqlite-database.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SqliteChild } from './sqlite-child.ts';
import { makeDirectory } from './sqlite-harness.ts';

let directory: string;

beforeEach(() => {
  directory = makeDirectory();
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test.each([100, 300, 600])('every acknowledged write survives kill -9 after %i of them, each whole', async (count) => {
  const path = join(directory, 'longrunning.db');
  const child = new SqliteChild('storm', path);
  await child.printed(count);
  await child.kill();
  const database = await openSqliteDatabase({ path, clock: new FakeClock() });
  const records = await database.operations.list({ surface: 'longrunning', collection: 'operations', limit: 1e6 });
  const states = new Map(records.map(({ name, state }) => [name, state]));
  expect(child.lines.length).toBeGreaterThanOrEqual(count);
  for (const line of child.lines) {
    const [what, name = ''] = line.split(' ');
    expect(states.get(name)).toBe(what === 'done' ? 'SUCCEEDED' : (states.get(name) ?? 'lost'));
  }
  for (const { name, state } of records) {
    expect(await database.journal.open(name)).toHaveLength(state === 'SUCCEEDED' ? 0 : 1);
  }
  await database.close();
});

test('the calls of a database whose thread has ended are unavailable', async () => {
  const child = new SqliteChild('loseThread', join(directory, 'longrunning.db'));
  const [before, ...lines] = await child.finished();
  expect(before).toBe('lost false');
  expect(lines.pop()).toBe('lost true');
  expect(lines).toHaveLength(6);
  for (const line of lines.slice(0, 5)) expect(line).toMatch(/^14 STORAGE_UNAVAILABLE /);
  expect(lines[5]).toBe('resolved');
});
