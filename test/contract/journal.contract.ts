import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/operations/database.ts';
import type { JournalEntry } from '../../src/operations/journal.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { sampleOperation } from '../operations/sample-operation.ts';
import type { DatabaseHarness, OpenHarness } from './database-harness.ts';

/** What the journal promises, sentence by sentence. */
export function describeJournal(name: string, open: OpenHarness): void {
  describe(`${name}: journal`, () => {
    let harness: DatabaseHarness;
    let database: Database;

    beforeEach(async () => {
      harness = await open();
      ({ database } = harness);
      await database.operations.insert(sampleOperation());
      await database.operations.insert(sampleOperation({ name: 'operations/2' }));
    });

    afterEach(() => harness.dispose());

    const put = (entry: JournalEntry): Promise<Operation> =>
      database.operations.update(entry.operation, (it) => it, { journal: [{ put: entry }] });
    const finish = (name: string, changes: Partial<Operation> = {}): Promise<Operation> =>
      database.operations.update(name, (it) => ({ ...it, state: 'FAILED', expireTimeMs: 1, ...changes }));
    const orphans = async (limit = 10): Promise<readonly string[]> =>
      (await database.journal.orphans(limit)).map(({ operation, id }) => `${operation} ${id}`).sort();

    test('gives the open entries of an operation, by id', async () => {
      const entries = ['b', 'a', 'c'].map((id) => entryOf('operations/1', id));
      for (const entry of entries) await put(entry);
      await put(entryOf('operations/2', 'z'));
      expect(await database.journal.open('operations/1')).toEqual([entries[1], entries[0], entries[2]]);
      expect(await database.journal.open('operations/none')).toEqual([]);
    });

    test('keeps the newest value of an id', async () => {
      await put(entryOf('operations/1', 'a'));
      await put({ ...entryOf('operations/1', 'a'), value: new Uint8Array(0) });
      expect(await database.journal.open('operations/1')).toEqual([
        { operation: 'operations/1', id: 'a', value: new Uint8Array(0) },
      ]);
    });

    test('removes an entry with the transaction that says so', async () => {
      await put(entryOf('operations/1', 'a'));
      await put(entryOf('operations/1', 'b'));
      const journal = [{ remove: { operation: 'operations/1', id: 'a' } }, { put: entryOf('operations/1', 'c') }];
      await database.operations.update('operations/1', (it) => ({ ...it, priority: 1 }), { journal });
      const left = await database.journal.open('operations/1');
      expect(left.map(({ id }) => id)).toEqual(['b', 'c']);
    });

    test('keeps entries past the end and the removal of their operation, as orphans', async () => {
      await put(entryOf('operations/1', 'a'));
      await put(entryOf('operations/2', 'b'));
      expect(await orphans()).toEqual([]);
      await finish('operations/1');
      expect(await orphans()).toEqual(['operations/1 a']);
      await database.operations.purge(10);
      expect(await orphans()).toEqual(['operations/1 a']);
      await finish('operations/2', { deleted: true });
      expect(await orphans()).toEqual(['operations/1 a', 'operations/2 b']);
    });

    test('gives at most so many orphans', async () => {
      for (const id of ['a', 'b', 'c']) await put(entryOf('operations/1', id));
      await finish('operations/1');
      expect(await orphans(2)).toHaveLength(2);
    });

    test('removes what is cleaned up, and skips what it does not know', async () => {
      await put(entryOf('operations/1', 'a'));
      await put(entryOf('operations/1', 'b'));
      await database.journal.remove([entryOf('operations/1', 'a'), entryOf('operations/none', 'x')]);
      expect((await database.journal.open('operations/1')).map(({ id }) => id)).toEqual(['b']);
    });
  });
}

function entryOf(operation: string, id: string): JournalEntry {
  return { operation, id, value: new TextEncoder().encode(`${operation} ${id}`) };
}
