import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/operations/database.ts';
import type { Operation, OperationIdentity } from '../../src/operations/operation.ts';
import { heldOperation, sampleOperation } from '../operations/sample-operation.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import type { DatabaseHarness, OpenHarness } from './database-harness.ts';

const PARENT: OperationIdentity = { name: 'operations/p', createTimeMs: 1 };
const OWNER = { leaseDurationMs: 5_000, cancelGraceMs: 2_000, abandonAfterMs: 9_000 };

/** What OperationIndex promises, sentence by sentence. */
export function describeOperationIndex(name: string, open: OpenHarness): void {
  describe(`${name}: OperationIndex`, () => {
    let harness: DatabaseHarness;
    let database: Database;
    let clock: FakeClock;

    beforeEach(async () => {
      harness = await open();
      ({ database, clock } = harness);
    });

    afterEach(() => harness.dispose());

    const insert = async (...changes: readonly Partial<Operation>[]): Promise<void> => {
      for (const change of changes) await database.operations.insert(sampleOperation(change));
    };

    test('counts what is leased of a collection, up to a limit', async () => {
      const held = heldOperation();
      for (const name of ['a', 'b', 'c']) await database.operations.insert({ ...held, name, collection: 'x' });
      await insert({ name: 'd', collection: 'x' });
      await database.operations.insert({ ...held, name: 'e', collection: 'x', deleted: true });
      await database.operations.insert({ ...held, name: 'f', collection: 'y' });

      expect(await database.index.leasedCount('longrunning', 'x', 9)).toBe(3);
      expect(await database.index.leasedCount('longrunning', 'x', 2)).toBe(2);
      expect(await database.index.leasedCount('checks', 'x', 9)).toBe(0);
    });

    describe('children', () => {
      const child = (id: string, changes: Partial<Operation> = {}): Partial<Operation> => ({
        name: `operations/${id}`,
        parent: PARENT,
        ...changes,
      });

      test('are the operations of that parent, by name, behind a name, up to the limit', async () => {
        await insert(child('d'), child('b', { state: 'FAILED' }), child('a'), child('c'), { name: 'operations/x' });
        await insert(child('e', { parent: { ...PARENT, name: 'operations/q' } }));
        const page = await database.index.children({ parent: PARENT, after: 'operations/a', limit: 2 });
        expect(namesOf(page)).toEqual(['operations/b', 'operations/c']);
      });

      test('are not those of another operation of its name, made before or after', async () => {
        const ofTime = (createTimeMs: number): OperationIdentity => ({ ...PARENT, createTimeMs });
        await insert(child('a', { parent: ofTime(1) }), child('b', { parent: ofTime(2) }));
        await database.operations.update('operations/a', (it) => ({ ...it, priority: 1 }));
        for (const [time, name] of [
          [1, 'operations/a'],
          [2, 'operations/b'],
        ] as const) {
          const found = await database.index.children({ parent: ofTime(time), after: '', limit: 9 });
          expect(namesOf(found)).toEqual([name]);
          expect((await database.operations.get(name))?.parent).toEqual(ofTime(time));
        }
      });

      test('tell how many bytes of values they have', async () => {
        const any = (size: number) => ({ typeUrl: 't', value: new Uint8Array(size) });
        const values = { request: any(1), metadata: any(20), checkpoint: any(300), encoded: new Uint8Array(4_000) };
        await insert(
          child('a', values),
          child('b', { ...values, state: 'SUCCEEDED', result: { response: any(50_000) } }),
        );
        const found = await database.index.children({ parent: PARENT, after: '', limit: 9 });
        expect(found.map(({ valueBytes }) => valueBytes)).toEqual([4_321, 54_321]);
      });

      test('of some states only', async () => {
        await insert(child('a', { state: 'FAILED' }), child('b'), child('c', { state: 'PAUSED' }));
        const states = ['QUEUED', 'PAUSED'] as const;
        const found = await database.index.children({ parent: PARENT, states, after: '', limit: 9 });
        expect(namesOf(found)).toEqual(['operations/b', 'operations/c']);
      });

      test('tell no more than their heads, and leave out deleted ones where that is asked', async () => {
        await insert(child('a', { deleted: true, state: 'RUNNING' }), child('b', { kind: 'other' }));
        const query = { parent: PARENT, after: '', limit: 1 } as const;
        expect(await database.index.children(query)).toEqual([
          { name: 'operations/a', kind: 'test', state: 'RUNNING', deleted: true, valueBytes: 0 },
        ]);
        expect(await database.index.children({ ...query, visibleOnly: true })).toEqual([
          { name: 'operations/b', kind: 'other', state: 'QUEUED', deleted: false, valueBytes: 0 },
        ]);
      });

      test('follow their states', async () => {
        await insert(child('a'));
        await database.operations.update('operations/a', (it) => ({ ...it, state: 'PAUSED' }));
        const query = { parent: PARENT, after: '', limit: 9 } as const;
        expect(await database.index.children({ ...query, states: ['QUEUED'] })).toEqual([]);
        expect(namesOf(await database.index.children({ ...query, states: ['PAUSED'] }))).toEqual(['operations/a']);
      });
    });

    describe('due timers', () => {
      test('are those whose time has come, the earliest first, behind a position', async () => {
        const now = clock.now();
        await insert(
          { name: 'operations/later', deadlineTimeMs: now + 1 },
          { name: 'operations/b', deadlineTimeMs: now - 1 },
          { name: 'operations/a', deadlineTimeMs: now - 1 },
          { name: 'operations/first', deadlineTimeMs: now - 9 },
          { name: 'operations/none' },
        );
        expect(namesOf(await database.index.dueTimers(undefined, 9))).toEqual([
          'operations/first',
          'operations/a',
          'operations/b',
        ]);
        const after = { timeMs: now - 1, name: 'operations/a' };
        expect(namesOf(await database.index.dueTimers(after, 9))).toEqual(['operations/b']);
        expect(namesOf(await database.index.dueTimers(undefined, 1))).toEqual(['operations/first']);
      });

      test('are cut where their values reach the bytes asked for', async () => {
        const encoded = new Uint8Array(10);
        for (const name of ['a', 'b', 'c']) await insert({ name, deadlineTimeMs: 1, encoded });
        expect(namesOf(await database.index.dueTimers(undefined, 9, 11))).toEqual(['a', 'b']);
        expect(namesOf(await database.index.dueTimers({ timeMs: 1, name: 'b' }, 9, 11))).toEqual(['c']);
        expect(namesOf(await database.index.dueTimers(undefined, 1, 11))).toEqual(['a']);
      });

      test('of an operation that is done are none, unless its cancel is to be carried to children', async () => {
        const done = { state: 'CANCELLED', deadlineTimeMs: 1 } as const;
        await insert({ ...done, name: 'operations/a' }, { ...done, name: 'operations/b', cascading: true });
        expect(namesOf(await database.index.dueTimers(undefined, 9))).toEqual(['operations/b']);
      });

      test('follow each write', async () => {
        await insert({ deadlineTimeMs: 1 });
        await database.operations.update('operations/1', (it) => ({ ...it, deadlineTimeMs: clock.now() + 9 }));
        expect(await database.index.dueTimers(undefined, 9)).toEqual([]);
        await clock.advance(9);
        expect(namesOf(await database.index.dueTimers(undefined, 9))).toEqual(['operations/1']);
      });
    });

    test('by request id finds what it made, within the surface and collection', async () => {
      await insert({ requestId: 'r' });
      expect((await database.index.byRequestId('longrunning', 'operations', 'r'))?.name).toBe('operations/1');
      expect(await database.index.byRequestId('longrunning', 'other', 'r')).toBeUndefined();
      expect(await database.index.byRequestId('longrunning', 'operations', 's')).toBeUndefined();
    });

    test('ended are those that are done, the earliest first, behind a position, and never deleted ones', async () => {
      const ended = (id: string, endTimeMs: number): Partial<Operation> => ({
        name: `operations/${id}`,
        state: 'FAILED',
        endTimeMs,
      });
      await insert(ended('c', 7), ended('a', 9), ended('b', 7), { name: 'operations/live' });
      await insert({ ...ended('x', 8), collection: 'other' });
      await insert({ ...ended('gone', 8), deleted: true, cascading: true });
      const query = { surface: 'longrunning', collection: 'operations', limit: 9 };
      const all = await database.index.ended({ ...query, after: { timeMs: 0, name: '' } });
      expect(namesOf(all)).toEqual(['operations/b', 'operations/c', 'operations/a']);
      const rest = await database.index.ended({ ...query, after: { timeMs: 7, name: 'operations/b' }, limit: 1 });
      expect(namesOf(rest)).toEqual(['operations/c']);
    });

    test('what has ended is cut where its values reach the bytes asked for', async () => {
      const ended = { state: 'FAILED', endTimeMs: 1, encoded: new Uint8Array(10) } as const;
      await insert(...['a', 'b', 'c'].map((id) => ({ ...ended, name: id })));
      const endedOf = async (name: string, limit: number) => {
        const after = { timeMs: 1, name };
        const query = { surface: 'longrunning', collection: 'operations', after, limit, bytesMax: 11 };
        return namesOf(await database.index.ended(query));
      };
      expect(await endedOf('', 9)).toEqual(['a', 'b']);
      expect(await endedOf('b', 9)).toEqual(['c']);
      expect(await endedOf('', 1)).toEqual(['a']);
    });

    test('counts the operations that a claim takes first, up to a limit', async () => {
      const at = (id: string, changes: Partial<Operation>): Partial<Operation> => ({
        name: `operations/${id}`,
        createTimeMs: 100,
        ...changes,
      });
      const mine = sampleOperation(at('m', {}));
      await insert(
        mine,
        at('urgent', { priority: 1, createTimeMs: 900 }),
        at('older', { createTimeMs: 99 }),
        at('a', {}),
      );
      await insert(
        at('z', {}),
        at('another', { kind: 'other', priority: 9 }),
        at('held', { owner: OWNER, priority: 9 }),
      );
      await insert(at('delayed', { priority: 9, dueTimeMs: clock.now() + 10 }));
      expect(await database.index.countAhead(mine, 'all', 100)).toBe(3);
      expect(await database.index.countAhead(mine, 'all', 2)).toBe(2);
      await clock.advance(10);
      expect(await database.index.countAhead(mine, 'all', 100)).toBe(4);
    });

    test('counts what is ahead of an operation in its own collection, where that is what matters', async () => {
      const mine = sampleOperation({ name: 'operations/m', collection: 'a' });
      await insert(mine, { name: 'operations/urgent', collection: 'a', priority: 1 });
      await insert({ name: 'operations/behind', collection: 'a', createTimeMs: 2000 });
      await insert({ name: 'operations/other', collection: 'b', priority: 1 });

      expect(await database.index.countAhead(mine, 'collection', 100)).toBe(1);
      expect(await database.index.countAhead(mine, 'all', 100)).toBe(2);
    });

    test('holders are the sessions that hold something, in order, behind one', async () => {
      const sessions = ['s/b', 's/a', 's/a', 't'];
      for (const [index, session] of sessions.entries()) {
        await database.operations.insert(heldOperation({ name: `operations/${index}`, session }));
      }
      const sessionsOf = async (after: string, limit: number) =>
        (await database.index.holders(after, limit)).map(({ session }) => session);
      expect(await sessionsOf('', 9)).toEqual(['s/a', 's/b', 't']);
      expect(await sessionsOf('s/a', 1)).toEqual(['s/b']);
    });

    test('a holder is told by the first operation that it holds, and for how long it lives', async () => {
      const fence = 2n ** 60n;
      const held = heldOperation({ name: 'operations/1', session: 's', fence, createTimeMs: 5, attemptStartTimeMs: 7 });
      await database.operations.insert(held);
      await database.operations.insert({ ...held, name: 'operations/2', fence: 1n });
      const { attemptStartTimeMs: _, ...without } = { ...held, name: 'operations/3', session: 't' };
      await database.operations.insert(without);
      await database.operations.renewSessions(['s'], 5_000);
      await clock.advance(2_000);
      expect(await database.index.holders('', 9)).toEqual([
        { session: 's', lease: { name: 'operations/1', fence }, sinceMs: 7, leftMs: 3_000 },
        { session: 't', lease: { name: 'operations/3', fence }, sinceMs: 5 },
      ]);
    });

    test('tells how long a session still lives', async () => {
      await database.operations.renewSessions(['s'], 5_000);
      await clock.advance(2_000);
      expect(await database.index.sessionLeftMs('s')).toBe(3_000);
      await clock.advance(9_000);
      expect(await database.index.sessionLeftMs('s')).toBe(0);
      expect(await database.index.sessionLeftMs('other')).toBeUndefined();
    });
  });
}

function namesOf(operations: readonly { readonly name: string }[]): readonly string[] {
  return operations.map(({ name }) => name);
}
