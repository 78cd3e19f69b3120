import type { JournalEntry, JournalReader } from '../operations/journal.ts';
import { journalEntryFromRow } from './resource-row.ts';
import type { Row } from './sqlite-protocol.ts';
import { expectKind, type SqliteStore } from './sqlite-store.ts';

/** The journal in a SQLite file. */
export class SqliteJournal implements JournalReader {
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  async open(operation: string): Promise<readonly JournalEntry[]> {
    this.#store.assertOpen();
    return this.#store.read({ kind: 'journal', operation }, decode);
  }

  async orphans(limit: number): Promise<readonly JournalEntry[]> {
    this.#store.assertOpen();
    return this.#store.read({ kind: 'orphans', limit }, decode);
  }

  async remove(entries: readonly { readonly operation: string; readonly id: string }[]): Promise<void> {
    this.#store.assertOpen();
    const journal = entries.map(({ operation, id }) => ({ remove: { operation, id } }));
    await this.#store.write({ kind: 'side', also: { journal } }, 0, (result) => expectKind(result, 'written'));
  }
}

function decode(rows: readonly Row[]): readonly JournalEntry[] {
  return rows.map(journalEntryFromRow);
}
