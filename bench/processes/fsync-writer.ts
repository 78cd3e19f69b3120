/** Durable writes as they are without sharing: each waits for the disk alone. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { monotonicMs } from '../frame/monotonic.ts';
import { serveCalls } from './serve-calls.ts';

/** About what a small operation takes in the database. */
const RECORD = Buffer.alloc(700, 0x61);

interface Written {
  readonly path: string;
  readonly durationMs: number;
}

/** One row a transaction, with the settings that the sidecar's database has. @returns rows per second. */
async function sqlite({ path, durationMs }: Written): Promise<number> {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE IF NOT EXISTS record (name TEXT PRIMARY KEY, bytes BLOB) WITHOUT ROWID');
  const insert = database.prepare('INSERT INTO record VALUES (?, ?)');
  const startMs = monotonicMs();
  let count = 0;
  for (; monotonicMs() - startMs < durationMs; count += 1)
    insert.run(`operations/${String(startMs)}-${String(count)}`, RECORD);
  const seconds = (monotonicMs() - startMs) / 1000;
  database.close();
  return count / seconds;
}

/** Appends to a file, and fdatasync after each record. @returns records per second. */
async function append({ path, durationMs }: Written): Promise<number> {
  const file = openSync(path, 'a');
  const startMs = monotonicMs();
  let count = 0;
  for (; monotonicMs() - startMs < durationMs; count += 1) {
    writeSync(file, RECORD);
    fdatasyncSync(file);
  }
  const seconds = (monotonicMs() - startMs) / 1000;
  closeSync(file);
  return count / seconds;
}

const calls = { sqlite, append };
export type FsyncWriter = typeof calls;
serveCalls(calls);
