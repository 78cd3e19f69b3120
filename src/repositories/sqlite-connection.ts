import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy, openFault, translateOpenFault } from './sqlite-failures.ts';
import type { SqliteLimits } from './sqlite-limits.ts';
import { assertKnown, migrate } from './sqlite-migrations.ts';

/** How often a file that is in use is tried again, milliseconds. */
const RETRY_INTERVAL_MS = 50;

/**
 * Opens the file as its only owner and leads it to the newest schema. Blocks its thread.
 *
 * A missing directory and a missing file are made, for this user only: page tokens are signed with a secret in it. The lock is SQLite's exclusive mode: the system drops it with the
 * process, however that ends.
 * @throws StatusError FAILED_PRECONDITION naming the file and what is wrong with it.
 */
export function openConnection(path: string, limits: SqliteLimits): DatabaseSync {
  makeDirectory(path);
  makeFile(path);
  assertAccessible(path);
  const deadline = performance.now() + limits.openTimeoutMs;
  for (;;) {
    try {
      return openOnce(path, limits);
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw translateOpenFault(error, path);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_INTERVAL_MS);
    }
  }
}

function openOnce(path: string, limits: SqliteLimits): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: false });
  try {
    // Must come before the first access: then the log needs no shared memory either.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    assertKnown(database, path);
    makeDurable(database);
    migrate(database);
    tune(database, limits);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function makeDurable(database: DatabaseSync): void {
  database.exec('PRAGMA journal_mode = WAL');
  // Each commit is on the disk before its writers are answered; NORMAL would lose the last ones with the power.
  database.exec('PRAGMA synchronous = FULL');
  // Takes the lock now; a file that cannot be written is found out now too.
  database.exec('BEGIN IMMEDIATE; COMMIT');
}

function tune(database: DatabaseSync, limits: SqliteLimits): void {
  database.exec(`PRAGMA cache_size = -${Math.ceil(limits.pageCacheBytes / 1024)}`);
  database.exec(`PRAGMA wal_autocheckpoint = ${limits.checkpointPages}`);
  database.exec('PRAGMA temp_store = MEMORY');
  if (limits.filePagesMax > 0) database.exec(`PRAGMA max_page_count = ${limits.filePagesMax}`);
}

function makeDirectory(path: string): void {
  const directory = dirname(path);
  try {
    makeDirectories(directory);
  } catch (error) {
    throw openFault('DATABASE_UNREADABLE', path, `needs the directory ${directory}, which cannot be made`, error);
  }
}

/** Node's own recursion never ends where a parent is there and takes no child, as in /proc. */
function makeDirectories(directory: string): void {
  if (isDirectory(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectories(parent);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isDirectory(directory)) throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** SQLite would make it readable for everyone; its log has the mode of the file. */
function makeFile(path: string): void {
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw openFault('DATABASE_UNREADABLE', path, 'cannot be made; see that its directory may be written', error);
  }
}

/** SQLite would find out too, and say that its input and output failed. */
function assertAccessible(path: string): void {
  if (!existsSync(path)) return;
  if (!isAccessible(path, constants.R_OK)) throw openFault('DATABASE_UNREADABLE', path, 'may not be read');
  if (!isAccessible(path, constants.W_OK)) throw openFault('DATABASE_READ_ONLY', path, 'may not be written');
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** Writes the log back into the file, so that the file alone is the whole database, and lets go of it. */
export function closeConnection(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // The log still has all of it, and the next open writes it back.
  }
  database.close();
}
