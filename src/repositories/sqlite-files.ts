import { statSync } from 'node:fs';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

/**
 * The database's file and its log, as they were opened.
 *
 * A file that was removed or replaced can still be written, and nobody finds what was written when this process has ended:
 * sqlite.org/howtocorrupt.html, "Unlinking or renaming a database file while in use". So it is looked at before each commit; two
 * calls of stat(2) cost some microseconds.
 */
export class SqliteFiles {
  readonly #path: string;
  readonly #opened: string;

  /** @param path  of a database that is open, its log with it. */
  constructor(path: string) {
    this.#path = path;
    this.#opened = identities(path);
  }

  /** @throws StatusError UNAVAILABLE (reason DATABASE_MOVED) unless both are still at their paths. */
  assertInPlace(): void {
    if (identities(this.#path) === this.#opened) return;
    const message = 'the file of the database or its log was removed or replaced; put it back, or restart the process';
    throw new StatusError(Code.UNAVAILABLE, message, { reason: 'DATABASE_MOVED', metadata: { path: this.#path } });
  }
}

function identities(path: string): string {
  return `${identity(path)} ${identity(`${path}-wal`)}`;
}

function identity(path: string): string {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    // Gone, or behind a directory that lets nobody in: a new process would not find it either.
    return 'none';
  }
}
