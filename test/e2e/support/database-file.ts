import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** What the file says of an operation. */
export interface StoredOperation {
  readonly state: string;
  readonly fence: number;
}

/** Reads a database whose process is gone, from a copy: the file itself stays as the process left it. */
export function readStored(path: string, name: string): StoredOperation {
  return withCopy(path, (database) => {
    const row = database.prepare('SELECT state, fence FROM operations WHERE name = ?').get(name);
    if (row === undefined) throw new Error(`${name} is not in the database`);
    return { state: String(row['state']), fence: Number(row['fence']) };
  });
}

/** How many journal entries are open, of all operations. */
export function countJournal(path: string): number {
  return withCopy(path, (database) => Number(database.prepare('SELECT count(*) AS n FROM journal').get()?.['n']));
}

/** Marks an operation deleted in a file that no process has open: no API that is served yet can delete one that is not done. */
export function hideOperation(path: string, name: string): void {
  const database = new DatabaseSync(path);
  const { changes } = database.prepare('UPDATE operations SET deleted = 1 WHERE name = ?').run(name);
  database.close();
  if (changes !== 1) throw new Error(`${name} is not in the database`);
}

function withCopy<T>(path: string, read: (database: DatabaseSync) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'longrunning-e2e-database-'));
  try {
    const copy = join(directory, 'copy.db');
    for (const suffix of ['', '-wal']) if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
    const database = new DatabaseSync(copy);
    try {
      return read(database);
    } finally {
      database.close();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}
