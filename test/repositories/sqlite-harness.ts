import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/operations/database.ts';
import { openSqliteDatabase } from '../../src/repositories/sqlite-database.ts';
import type { SqliteLimits } from '../../src/repositories/sqlite-limits.ts';
import type { DatabaseHarness } from '../contract/database-harness.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A SQLite file in a directory of its own. */
export interface SqliteHarness extends DatabaseHarness {
  readonly path: string;
  /** Closes it, and opens it again as the next process would. */
  reopen(limits?: Partial<SqliteLimits>): Promise<Database>;
}

/** A directory for one test. */
export function makeDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'sqlite-'));
}

export async function openHarness(limits: Partial<SqliteLimits> = {}): Promise<SqliteHarness> {
  const directory = makeDirectory();
  const path = join(directory, 'longrunning.db');
  const clock = new FakeClock();
  let database = await openSqliteDatabase({ path, clock, limits });
  return {
    path,
    clock,
    get database() {
      return database;
    },
    reopen: async (changed = limits) => {
      await database.close();
      database = await openSqliteDatabase({ path, clock, limits: changed });
      return database;
    },
    dispose: async () => {
      await database.close();
      rmSync(directory, { recursive: true });
    },
  };
}
