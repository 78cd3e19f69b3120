import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/operations/database.ts';
import { sampleOperation } from '../operations/sample-operation.ts';
import type { DatabaseHarness, OpenHarness } from './database-harness.ts';

const CLAIM = { kinds: ['test'], limit: 1, deathCountAlone: 3, alone: false };

/** What Database promises, sentence by sentence. */
export function describeDatabase(name: string, open: OpenHarness): void {
  describe(`${name}: Database`, () => {
    let harness: DatabaseHarness;
    let database: Database;

    beforeEach(async () => {
      harness = await open();
      ({ database } = harness);
    });

    afterEach(() => harness.dispose());

    test('makes a secret of 32 bytes once for each name', async () => {
      const [first, again, other] = await Promise.all([
        database.secret('a'),
        database.secret('a'),
        database.secret('b'),
      ]);
      expect(first).toHaveLength(32);
      expect(again).toEqual(first);
      expect(await database.secret('a')).toEqual(first);
      expect(other).not.toEqual(first);
    });

    test('is well while it is open', async () => {
      await expect(database.check()).resolves.toBeUndefined();
    });

    test('finishes what was accepted before it closes', async () => {
      const inserting = database.operations.insert(sampleOperation());
      const updating = database.operations.update('operations/none', (it) => it);
      const closing = database.close();
      expect((await inserting).created).toBe(true);
      await expect(updating).rejects.toMatchObject({ code: 5 });
      await closing;
    });

    test('is unavailable once it is closed, and closes as often as it is told to', async () => {
      await Promise.all([database.close(), database.close()]);
      await database.close();
      const { operations, resources, journal } = database;
      const calls: (() => Promise<unknown>)[] = [
        () => operations.insert(sampleOperation()),
        () => operations.get('x'),
        () => operations.getMany(['x']),
        () => operations.update('x', (it) => it),
        () => operations.updateMany([]),
        () => operations.list({ surface: 's', collection: 'c', limit: 1 }),
        () => operations.claim(CLAIM, (it) => it),
        () => operations.renewSessions(['s'], 1),
        () => operations.expireSessions(1, (it) => it),
        () => operations.purge(1),
        () => resources.get('k', 'n'),
        () => resources.list({ kind: 'k', collection: 'c', limit: 1 }),
        () => resources.write([]),
        () => resources.due('k', 1, 1),
        () => journal.open('x'),
        () => journal.orphans(1),
        () => journal.remove([]),
        () => database.secret('a'),
        () => database.check(),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 14 });
    });

    test('ends the hints of its operations when it closes', async () => {
      const hints = database.operations.changes(new AbortController().signal)[Symbol.asyncIterator]();
      const next = hints.next();
      await database.close();
      expect((await next).done).toBe(true);
    });
  });
}
