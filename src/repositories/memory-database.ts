/* eslint-disable @typescript-eslint/require-await -- all is done at once; async makes a rejection of what is thrown */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Database } from '../operations/database.ts';
import { HintHub } from './hint-hub.ts';
import { MemoryJournal } from './memory-journal.ts';
import { MemoryOperationIndex } from './memory-operation-index.ts';
import { MemoryOperationRepository } from './memory-operation-repository.ts';
import { MemoryResourceRepository } from './memory-resource-repository.ts';
import { MemoryTables } from './memory-tables.ts';
import { databaseClosed } from './repository-errors.ts';
import { SessionTable } from './session-table.ts';

/** Names that a reader of hints may be behind by; about 20 MB. */
const HINTS_PER_READER_MAX = 100_000;

/** A secret's size, bytes. */
const SECRET_BYTES = 32;

/** A database in this process's memory: gone with it, and the model that the durable ones are compared with. */
export class MemoryDatabase implements Database {
  readonly exclusive = true;
  /** It never is. */
  readonly lost: AbortSignal = new AbortController().signal;
  readonly operations: MemoryOperationRepository;
  readonly index: MemoryOperationIndex;
  readonly resources: MemoryResourceRepository;
  readonly journal: MemoryJournal;
  readonly #tables = new MemoryTables();
  readonly #sessions: SessionTable;
  #closed = false;

  constructor(clock: Clock) {
    const assertOpen = (): void => {
      if (this.#closed) throw databaseClosed();
    };
    this.#sessions = new SessionTable(clock);
    this.operations = new MemoryOperationRepository(
      this.#tables,
      this.#sessions,
      new HintHub(HINTS_PER_READER_MAX),
      clock,
    );
    this.index = new MemoryOperationIndex({ tables: this.#tables, sessions: this.#sessions, clock, assertOpen });
    this.resources = new MemoryResourceRepository(this.#tables, assertOpen);
    this.journal = new MemoryJournal(this.#tables, assertOpen);
  }

  async secret(name: string): Promise<Uint8Array> {
    await this.check();
    const secret = this.#tables.secrets.get(name) ?? new Uint8Array(randomBytes(SECRET_BYTES));
    this.#tables.secrets.set(name, secret);
    return secret;
  }

  async check(): Promise<void> {
    if (this.#closed) throw databaseClosed();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.operations.close();
  }

  /** What a restart of a durable database's owner does: the records stay, every session is unknown. */
  forgetSessions(): void {
    this.#sessions.clear();
  }
}

/** A database in memory. Its times are the clock's. */
export function openMemoryDatabase({ clock }: { readonly clock: Clock }): MemoryDatabase {
  return new MemoryDatabase(clock);
}
