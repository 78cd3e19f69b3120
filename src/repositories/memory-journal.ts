/* eslint-disable @typescript-eslint/require-await -- all is done at once; async makes a rejection of what is thrown */
import type { JournalEntry, JournalReader } from '../operations/journal.ts';
import { isDone } from '../operations/operation.ts';
import type { MemoryTables } from './memory-tables.ts';
import { compareText } from './record-order.ts';

/** The journal in this process's memory. */
export class MemoryJournal implements JournalReader {
  readonly #tables: MemoryTables;
  readonly #assertOpen: () => void;

  constructor(tables: MemoryTables, assertOpen: () => void) {
    this.#tables = tables;
    this.#assertOpen = assertOpen;
  }

  async open(operation: string): Promise<readonly JournalEntry[]> {
    this.#assertOpen();
    return [...(this.#tables.journal.get(operation)?.values() ?? [])].sort((a, b) => compareText(a.id, b.id));
  }

  async orphans(limit: number): Promise<readonly JournalEntry[]> {
    this.#assertOpen();
    const orphaned = [...this.#tables.journal].filter(([name]) => this.#isOrphaned(name));
    return orphaned.flatMap(([, entries]) => [...entries.values()]).slice(0, limit);
  }

  async remove(entries: readonly { readonly operation: string; readonly id: string }[]): Promise<void> {
    this.#assertOpen();
    for (const { operation, id } of entries) this.#tables.removeEntry(operation, id);
  }

  #isOrphaned(name: string): boolean {
    const operation = this.#tables.operations.get(name);
    return operation === undefined || isDone(operation);
  }
}
