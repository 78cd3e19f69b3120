import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StatusError } from '../../src/core/status-error.ts';
import type { Database } from '../../src/operations/database.ts';
import type {
  ChangeHint,
  ClaimQuery,
  ListCursor,
  ListQuery,
  OperationRepository,
} from '../../src/operations/operation-repository.ts';
import { isLastPage } from '../../src/operations/list-page.ts';
import { STATES, type Operation } from '../../src/operations/operation.ts';
import { end } from '../../src/operations/transitions.ts';
import type { Resource, ResourceChange } from '../../src/operations/resource.ts';
import { heldOperation, sampleOperation } from '../operations/sample-operation.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import type { DatabaseHarness, OpenHarness } from './database-harness.ts';

const OWNER = { leaseDurationMs: 5_000, cancelGraceMs: 2_000, abandonAfterMs: 9_000 };
const LIST: ListQuery = { surface: 'longrunning', collection: 'operations', limit: 100 };
const CLAIM: ClaimQuery = { kinds: ['test'], limit: 10, deathCountAlone: 3, alone: false };

/** What OperationRepository promises, sentence by sentence. */
export function describeOperationRepository(name: string, open: OpenHarness): void {
  describe(`${name}: OperationRepository`, () => {
    let harness: DatabaseHarness;
    let database: Database;
    let operations: OperationRepository;
    let clock: FakeClock;

    beforeEach(async () => {
      harness = await open();
      ({ database, clock } = harness);
      ({ operations } = database);
    });

    afterEach(() => harness.dispose());

    /** Operations as `list` gives them, by name. */
    const listed = async (query: Partial<ListQuery> = {}): Promise<readonly string[]> =>
      namesOf(await operations.list({ ...LIST, ...query }));

    describe('insert', () => {
      test('adds the operation under revision 1, whatever the argument says', async () => {
        const { operation, created } = await operations.insert(sampleOperation({ revision: 7 }));
        expect(created).toBe(true);
        expect(operation).toEqual(sampleOperation({ revision: 1 }));
        expect(await operations.get('operations/1')).toEqual(operation);
      });

      test('keeps every member as it is', async () => {
        const full = fullOperation();
        await operations.insert(full);
        expect(await operations.get(full.name)).toEqual({ ...full, revision: 1 });
        expect(await operations.list({ ...LIST, limit: 1 })).toEqual([{ ...full, revision: 1 }]);
      });

      test('keeps its own copy of bytes that are a part of a larger buffer', async () => {
        const pool = new Uint8Array(64).fill(7);
        await operations.insert(sampleOperation({ encoded: pool.subarray(8, 12) }));
        expect((await operations.get('operations/1'))?.encoded).toEqual(new Uint8Array(4).fill(7));
      });

      test('returns the first record for the same request id, and writes nothing', async () => {
        const first = await operations.insert(sampleOperation({ name: 'operations/a', requestId: 'r' }));
        const again = await operations.insert(sampleOperation({ name: 'operations/b', requestId: 'r' }), {
          resources: [createResource('job/1')],
        });
        expect(again).toEqual({ operation: first.operation, created: false });
        expect(await operations.get('operations/b')).toBeUndefined();
        expect(await database.resources.get('job', 'job/1')).toBeUndefined();
      });

      test('returns the record as it is now for a request id that was used long ago', async () => {
        await operations.insert(sampleOperation({ requestId: 'r' }));
        const changed = await operations.update('operations/1', relabel('x'));
        const again = await operations.insert(sampleOperation({ name: 'operations/b', requestId: 'r' }));
        expect(again).toEqual({ operation: changed, created: false });
      });

      test('makes one record of many calls at once with one request id', async () => {
        const results = await Promise.all(
          ['a', 'b', 'c', 'd'].map((id) => operations.insert(sampleOperation({ name: id, requestId: 'r' }))),
        );
        expect(results.filter(({ created }) => created)).toHaveLength(1);
        expect(new Set(results.map(({ operation }) => operation.name)).size).toBe(1);
      });

      test('tells request ids of different surfaces and collections apart', async () => {
        const others = [{}, { surface: 'checks' }, { collection: 'other' }];
        const results = await Promise.all(
          others.map((other, index) =>
            operations.insert(sampleOperation({ name: `operations/${index}`, requestId: 'r', ...other })),
          ),
        );
        expect(results.map(({ created }) => created)).toEqual([true, true, true]);
      });

      test('refuses an exclusive key that a live operation holds, naming the holder', async () => {
        await operations.insert(sampleOperation({ name: 'operations/holder', exclusiveKey: 'job/1' }));
        const error = await rejection(operations.insert(sampleOperation({ exclusiveKey: 'job/1' })));
        expect(error).toMatchObject({
          code: 10,
          info: { reason: 'EXCLUSIVE_KEY_HELD', metadata: { holder: 'operations/holder' } },
        });
        expect(await operations.get('operations/1')).toBeUndefined();
      });

      test('frees an exclusive key when its holder is done, not when it is deleted', async () => {
        await operations.insert(sampleOperation({ name: 'operations/holder', exclusiveKey: 'job/1' }));
        await operations.update('operations/holder', (it) => ({ ...it, deleted: true }));
        await expect(operations.insert(sampleOperation({ exclusiveKey: 'job/1' }))).rejects.toThrow(StatusError);
        await operations.update('operations/holder', succeed);
        expect((await operations.insert(sampleOperation({ exclusiveKey: 'job/1' }))).created).toBe(true);
      });

      test('gives an exclusive key to one of many at once', async () => {
        const results = await Promise.allSettled(
          ['a', 'b', 'c', 'd'].map((id) => operations.insert(sampleOperation({ name: id, exclusiveKey: 'job/1' }))),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });

      test('refuses a name that is taken', async () => {
        const { operation } = await operations.insert(sampleOperation());
        const error = await rejection(operations.insert(sampleOperation({ kind: 'other' })));
        expect(error).toMatchObject({ code: 6, info: { reason: 'OPERATION_EXISTS' } });
        expect(await operations.get('operations/1')).toEqual(operation);
      });

      test('writes what goes beside it in the same transaction', async () => {
        await operations.insert(sampleOperation(), {
          resources: [createResource('job/1')],
          journal: [{ put: { operation: 'operations/1', id: 'a', value: new Uint8Array([1]) } }],
        });
        expect((await database.resources.get('job', 'job/1'))?.revision).toBe(1);
        expect(await database.journal.open('operations/1')).toHaveLength(1);
      });

      test('writes nothing at all when a part of what goes beside it is refused', async () => {
        await database.resources.write([createResource('job/2')]);
        const error = await rejection(
          operations.insert(sampleOperation(), {
            resources: [createResource('job/1'), createResource('job/2')],
            journal: [{ put: { operation: 'operations/1', id: 'a', value: new Uint8Array([1]) } }],
          }),
        );
        expect(error).toMatchObject({ code: 6, info: { reason: 'RESOURCE_EXISTS' } });
        expect(await operations.get('operations/1')).toBeUndefined();
        expect(await database.resources.get('job', 'job/1')).toBeUndefined();
        expect(await database.journal.open('operations/1')).toEqual([]);
      });

      test('writes nothing beside it when the operation itself is refused', async () => {
        await operations.insert(sampleOperation({ name: 'operations/holder', exclusiveKey: 'job/1' }));
        const also = { resources: [createResource('job/1')] };
        await rejection(operations.insert(sampleOperation({ exclusiveKey: 'job/1' }), also));
        expect(await database.resources.get('job', 'job/1')).toBeUndefined();
      });

      test('refuses, with all that comes with it, when an operation that was to be unchanged is not, or is gone', async () => {
        await operations.insert(sampleOperation({ name: 'operations/parent' }));
        const with_ = (name: string, revision: number, createTimeMs = 1000) =>
          operations.insert(sampleOperation(), {
            unchanged: [{ name, createTimeMs, revision }],
            resources: [createResource('job/1')],
          });
        for (const [name, revision, createTimeMs] of [
          ['operations/parent', 2, 1000],
          // Another one, made anew under its name.
          ['operations/parent', 1, 999],
          ['operations/gone', 1, 1000],
        ] as const) {
          expect(await rejection(with_(name, revision, createTimeMs))).toMatchObject({
            code: 10,
            info: { reason: 'OPERATION_CHANGED', metadata: { operation: name } },
          });
        }
        expect(await operations.get('operations/1')).toBeUndefined();
        expect(await database.resources.get('job', 'job/1')).toBeUndefined();
        expect((await with_('operations/parent', 1)).created).toBe(true);
      });

      test('replaces another operation with it, or neither is written', async () => {
        const { operation: from } = await operations.insert(sampleOperation({ name: 'operations/parent' }));
        const to = { ...from, hasChildren: true as const };
        const insert = (changes: Partial<Operation>, read = from) =>
          operations.insert(sampleOperation(changes), { replaced: { from: read, to } });

        await operations.insert(sampleOperation({ name: 'operations/holder', exclusiveKey: 'k' }));
        await rejection(insert({ exclusiveKey: 'k' }));
        expect(await operations.get(from.name)).toEqual(from);

        for (const read of [
          { ...from, revision: 2 },
          { ...from, createTimeMs: 1 },
          { ...from, name: 'operations/gone' },
        ]) {
          expect(await rejection(insert({}, read))).toMatchObject({
            code: 10,
            info: { reason: 'OPERATION_CHANGED', metadata: { operation: read.name } },
          });
        }
        expect(await operations.get('operations/1')).toBeUndefined();

        expect((await insert({})).created).toBe(true);
        expect(await operations.get(from.name)).toEqual({ ...to, revision: 2 });
      });

      test('and updates of the operation that it replaces lose nothing of each other', async () => {
        const { operation: from } = await operations.insert(sampleOperation({ name: 'operations/parent' }));
        const raise = () => operations.update(from.name, (it) => ({ ...it, priority: it.priority + 1 }));
        const child = async (name: string, read: Operation) =>
          operations.insert(sampleOperation({ name }), {
            replaced: { from: read, to: { ...read, hasChildren: true } },
          });
        const [, first] = await Promise.allSettled([raise(), child('a', from), raise(), raise()]);
        const current = (await operations.get(from.name)) ?? from;
        await Promise.all([child('b', current), raise(), raise()].map((each) => each.catch(() => undefined)));
        const after = await raise();
        expect(after).toMatchObject({
          priority: from.priority + 6,
          ...(first.status === 'fulfilled' ? { hasChildren: true } : {}),
        });
        const hasChild = (await operations.getMany(['a', 'b'])).length > 0;
        expect(after.hasChildren === true).toBe(hasChild);
      });

      test('does not let one refused insert keep others of the same moment', async () => {
        await operations.insert(sampleOperation());
        const results = await Promise.allSettled([
          operations.insert(sampleOperation({ name: 'operations/2' })),
          operations.insert(sampleOperation()),
          operations.insert(sampleOperation({ name: 'operations/3' }), { resources: [changeResource('job/none', 4)] }),
          operations.insert(sampleOperation({ name: 'operations/4' })),
        ]);
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
        expect(await listed()).toEqual(['operations/4', 'operations/2', 'operations/1']);
      });
    });

    describe('get and getMany', () => {
      test('answer undefined, or nothing, for what is not there', async () => {
        await operations.insert(sampleOperation());
        expect(await operations.get('operations/none')).toBeUndefined();
        expect(await operations.getMany(['operations/none', 'operations/1'])).toHaveLength(1);
        expect(await operations.getMany([])).toEqual([]);
      });

      test('give a deleted record that is not done', async () => {
        await operations.insert(sampleOperation({ deleted: true }));
        expect((await operations.get('operations/1'))?.deleted).toBe(true);
        expect(await operations.getMany(['operations/1'])).toHaveLength(1);
      });

      test('give each record once, however often it is named', async () => {
        await operations.insert(sampleOperation());
        expect(await operations.getMany(['operations/1', 'operations/1'])).toHaveLength(1);
      });

      test('see a write once it has resolved, and a part of it never', async () => {
        await operations.insert(sampleOperation());
        const writing = operations.update('operations/1', relabel('new'), { resources: [createResource('job/1')] });
        const seen = await operations.get('operations/1');
        await writing;
        expect(['old', 'new', undefined]).toContain(seen?.labels['label']);
        expect((await operations.get('operations/1'))?.labels['label']).toBe('new');
      });
    });

    describe('peek', () => {
      test('shows nothing but what get finds, after each write and none before it', async () => {
        expect(operations.peek('operations/1')).toBeUndefined();
        const inserting = operations.insert(sampleOperation());
        expect([undefined, await operations.get('operations/1')]).toContain(operations.peek('operations/1'));
        await inserting;
        expect([undefined, await operations.get('operations/1')]).toContain(operations.peek('operations/1'));
        const changed = await operations.update('operations/1', relabel('x'));
        expect([undefined, changed]).toContainEqual(operations.peek('operations/1'));
      });

      test('shows no operation that was removed', async () => {
        await operations.insert(sampleOperation());
        await operations.get('operations/1');
        await operations.update('operations/1', (it, now) => ({ ...succeed(it, now), deleted: true }));
        expect(operations.peek('operations/1')).toBeUndefined();
      });

      test('throws once the repository is closed', async () => {
        await operations.insert(sampleOperation());
        await database.close();
        expect(() => operations.peek('operations/1')).toThrow(StatusError);
      });
    });

    describe('update', () => {
      test('returns and keeps the changed record under the next revision', async () => {
        await operations.insert(sampleOperation());
        const updated = await operations.update('operations/1', relabel('x'));
        expect(updated).toMatchObject({ revision: 2, labels: { label: 'x' } });
        expect(await operations.get('operations/1')).toEqual(updated);
      });

      test('owns the revision and the name, whatever the change says', async () => {
        await operations.insert(sampleOperation());
        const updated = await operations.update('operations/1', (it) => ({ ...it, revision: 99 }));
        expect(updated.revision).toBe(2);
      });

      test('hands the change its own clock', async () => {
        await operations.insert(sampleOperation());
        clock.shift(12_345);
        const updated = await operations.update('operations/1', (it, now) => ({ ...it, startTimeMs: now }));
        expect(updated.startTimeMs).toBe(clock.now());
      });

      test('keeps every member that a change sets, and drops what it leaves out', async () => {
        const full = { ...fullOperation(), name: 'operations/1' };
        await operations.insert(sampleOperation());
        await operations.update('operations/1', () => full);
        expect(await operations.get('operations/1')).toEqual({ ...full, revision: 2 });
        await operations.update('operations/1', () => sampleOperation());
        expect(await operations.get('operations/1')).toEqual(sampleOperation({ revision: 3 }));
      });

      test('writes nothing when the change returns the very record', async () => {
        await operations.insert(sampleOperation());
        const same = await operations.update('operations/1', (it) => it);
        expect(same.revision).toBe(1);
        expect((await operations.get('operations/1'))?.revision).toBe(1);
      });

      test('writes what goes beside an unchanged record', async () => {
        await operations.insert(sampleOperation());
        const journal = [{ put: { operation: 'operations/1', id: 'a', value: new Uint8Array([1]) } }];
        const same = await operations.update('operations/1', (it) => it, { journal });
        expect(same.revision).toBe(1);
        expect(await database.journal.open('operations/1')).toEqual([journal[0]?.put]);
      });

      test('hands on what a change throws, and writes nothing, nor what goes beside it', async () => {
        await operations.insert(sampleOperation());
        const thrown = new Error('no');
        const failing = operations.update(
          'operations/1',
          () => {
            throw thrown;
          },
          { resources: [createResource('job/1')] },
        );
        expect(await rejection(failing)).toBe(thrown);
        expect((await operations.get('operations/1'))?.revision).toBe(1);
        expect(await database.resources.get('job', 'job/1')).toBeUndefined();
      });

      test('refuses a name that is not there', async () => {
        const error = await rejection(operations.update('operations/none', (it) => it));
        expect(error).toMatchObject({
          code: 5,
          message: 'operations/none not found',
          info: { reason: 'OPERATION_NOT_FOUND', metadata: { operation: 'operations/none' } },
        });
      });

      test('loses none of many updates at once, and applies them in the order of the calls', async () => {
        await operations.insert(sampleOperation());
        const order = Array.from({ length: 20 }, (_, index) => `${index}`);
        const results = await Promise.all(
          order.map((id) =>
            operations.update('operations/1', (it) => relabel(`${it.labels['label'] ?? ''},${id}`)(it)),
          ),
        );
        expect(results.map(({ revision }) => revision)).toEqual(order.map((_, index) => index + 2));
        expect((await operations.get('operations/1'))?.labels['label']).toBe(`,${order.join(',')}`);
      });

      test('keeps the order also of updates that come while others are being written', async () => {
        await operations.insert(sampleOperation());
        const append = (id: string) =>
          operations.update('operations/1', (it) => relabel((it.labels['label'] ?? '') + id)(it));
        const first = append('a');
        await new Promise((resolve) => setImmediate(resolve));
        await Promise.all([first, append('b'), append('c')]);
        expect((await operations.get('operations/1'))?.labels['label']).toBe('abc');
      });

      test('writes nothing at all when a part of what goes beside it is refused', async () => {
        await operations.insert(sampleOperation());
        await database.resources.write([createResource('job/1')]);
        const failing = operations.update('operations/1', relabel('x'), {
          resources: [createResource('job/2'), changeResource('job/1', 5)],
          journal: [{ put: { operation: 'operations/1', id: 'a', value: new Uint8Array([1]) } }],
        });
        expect(await rejection(failing)).toMatchObject({ code: 10, info: { reason: 'RESOURCE_CHANGED' } });
        expect(await operations.get('operations/1')).toEqual(sampleOperation());
        expect(await database.resources.get('job', 'job/2')).toBeUndefined();
        expect(await database.journal.open('operations/1')).toEqual([]);
      });

      test('computes what follows a refused update from what is committed', async () => {
        await operations.insert(sampleOperation());
        const [refused, second, third] = await Promise.allSettled([
          operations.update('operations/1', succeed, { resources: [changeResource('job/none', 5)] }),
          operations.update('operations/1', (it) => {
            if (it.state === 'SUCCEEDED') throw new Error('saw what was never committed');
            return relabel('second')(it);
          }),
          operations.update('operations/1', (it) => (it.state === 'SUCCEEDED' ? it : { ...it, priority: 5 })),
        ]);
        expect(refused.status).toBe('rejected');
        expect(second.status).toBe('fulfilled');
        expect(third.status).toBe('fulfilled');
        expect(await operations.get('operations/1')).toMatchObject({
          state: 'QUEUED',
          revision: 3,
          priority: 5,
          labels: { label: 'second' },
        });
      });

      test('keeps the order behind a refused update', async () => {
        await operations.insert(sampleOperation());
        const append = (id: string) => (it: Operation) => relabel((it.labels['label'] ?? '') + id)(it);
        const together = Promise.allSettled([
          operations.update('operations/1', append('a'), { resources: [changeResource('none', 5)] }),
          operations.update('operations/1', append('b')),
        ]);
        await new Promise((resolve) => setImmediate(resolve));
        await Promise.all([together, operations.update('operations/1', append('c'))]);
        expect((await operations.get('operations/1'))?.labels['label']).toBe('bc');
      });

      test('goes on behind a change that throws', async () => {
        await operations.insert(sampleOperation());
        const results = await Promise.allSettled([
          operations.update('operations/1', relabel('a')),
          operations.update('operations/1', () => {
            throw new Error('no');
          }),
          operations.update('operations/1', (it) => relabel(`${it.labels['label'] ?? ''}c`)(it)),
        ]);
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect(await operations.get('operations/1')).toMatchObject({ revision: 3, labels: { label: 'ac' } });
      });

      test.each([
        ['deleted, then done', [markDeleted, succeed]],
        ['done, then deleted', [succeed, markDeleted]],
      ])('removes a record that is %s, with the write that makes it so', async (_, changes) => {
        await operations.insert(sampleOperation());
        let last: Operation | undefined;
        for (const change of changes) last = await operations.update('operations/1', change);
        expect(last).toMatchObject({ state: 'SUCCEEDED', deleted: true, revision: 3 });
        expect(await operations.get('operations/1')).toBeUndefined();
        expect((await operations.insert(sampleOperation())).created).toBe(true);
      });

      test('finds nothing behind the update that removed the record', async () => {
        await operations.insert(sampleOperation());
        const results = await Promise.allSettled([
          operations.update('operations/1', (it, now) => succeed(markDeleted(it), now)),
          operations.update('operations/1', relabel('late')),
        ]);
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
        expect(results[1]).toMatchObject({ reason: { code: 5 } });
      });

      test('refuses to take an exclusive key that another holds', async () => {
        await operations.insert(sampleOperation({ name: 'operations/holder', exclusiveKey: 'job/1' }));
        await operations.insert(sampleOperation());
        const taking = operations.update('operations/1', (it) => ({ ...it, exclusiveKey: 'job/1' }));
        expect(await rejection(taking)).toMatchObject({ info: { metadata: { holder: 'operations/holder' } } });
        expect(await operations.get('operations/1')).toEqual(sampleOperation());
      });

      test('keeps a fence beyond 2^53 exactly', async () => {
        const fence = 2n ** 53n + 1n;
        await operations.insert(sampleOperation({ fence }));
        await operations.update('operations/1', (it) => ({ ...it, fence: it.fence + 1n }));
        expect((await operations.list(LIST))[0]?.fence).toBe(fence + 1n);
      });
    });

    describe('updateMany', () => {
      test('applies each on its own and answers in the order of the argument', async () => {
        await operations.insert(sampleOperation({ name: 'operations/a' }));
        await operations.insert(sampleOperation({ name: 'operations/b' }));
        const results = await operations.updateMany([
          { name: 'operations/b', change: relabel('b') },
          { name: 'operations/none', change: relabel('none') },
          { name: 'operations/a', change: relabel('a'), also: { resources: [createResource('job/1')] } },
          { name: 'operations/b', change: (it) => relabel(`${it.labels['label'] ?? ''}b`)(it) },
          { name: 'operations/a', change: relabel('c'), also: { resources: [createResource('job/1')] } },
        ]);
        expect(results.map(({ status }) => status)).toEqual([
          'fulfilled',
          'rejected',
          'fulfilled',
          'fulfilled',
          'rejected',
        ]);
        expect((await operations.get('operations/a'))?.labels['label']).toBe('a');
        expect((await operations.get('operations/b'))?.labels['label']).toBe('bb');
      });
    });

    describe('list', () => {
      test('ends a page with the record that reaches its bytes, and goes on behind it', async () => {
        const any = (size: number) => ({ typeUrl: 't/T', value: new Uint8Array(size) });
        const sized: Partial<Operation>[] = [
          { request: any(60) },
          { metadata: any(60), checkpoint: any(60) },
          { state: 'SUCCEEDED', result: { response: any(40) } },
          { encoded: new Uint8Array(50) },
          {},
        ];
        for (const [index, changes] of sized.entries()) {
          await operations.insert(sampleOperation({ name: `o${index}`, createTimeMs: 9 - index, ...changes }));
        }
        const walk = async (query: Partial<ListQuery>): Promise<readonly (readonly string[])[]> => {
          const pages: string[][] = [];
          for (let after: ListCursor | undefined; ;) {
            const asked = { ...LIST, ...query, ...(after === undefined ? {} : { after }) };
            const page = await operations.list(asked);
            pages.push(page.map(({ name }) => name));
            if (isLastPage(page, asked)) return pages;
            after = page.at(-1);
          }
        };
        expect(await walk({ bytesMax: 100 })).toEqual([
          ['o0', 'o1'],
          ['o2', 'o3', 'o4'],
        ]);
        expect(await walk({ bytesMax: 90, states: ['QUEUED', 'SUCCEEDED'] })).toEqual([
          ['o0', 'o1'],
          ['o2', 'o3'],
          ['o4'],
        ]);
        expect(await walk({ bytesMax: 1 })).toEqual([['o0'], ['o1'], ['o2'], ['o3'], ['o4']]);
        expect(await walk({ bytesMax: 1000, limit: 4 })).toEqual([['o0', 'o1', 'o2', 'o3'], ['o4']]);
        const names = ['o4', 'o3', 'o2', 'o1', 'o0'];
        expect(await walk({ bytesMax: 100, names })).toEqual([
          ['o0', 'o1'],
          ['o2', 'o3', 'o4'],
        ]);
      });

      test('keeps a page within its bytes over more states and resources than one statement walks', async () => {
        const resources = Array.from({ length: 20 }, (_, index) => `r${index}`);
        for (const [index, resource] of resources.entries()) {
          const record = { name: `o${index + 10}`, createTimeMs: 99 - index, resource, encoded: new Uint8Array(10) };
          await operations.insert(sampleOperation(record));
        }
        const seen: string[] = [];
        for (let after: ListCursor | undefined; ;) {
          const page = await operations.list({
            ...LIST,
            resources,
            bytesMax: 25,
            ...(after === undefined ? {} : { after }),
          });
          seen.push(...page.map(({ name }) => name));
          expect(page.length).toBeLessThanOrEqual(3);
          after = page.at(-1);
          if (after === undefined) break;
        }
        expect(seen).toEqual(resources.map((_, index) => `o${index + 10}`));
      });

      const insertAll = async (...all: readonly Partial<Operation>[]): Promise<void> => {
        for (const changes of all) await operations.insert(sampleOperation(changes));
      };

      test('answers newest first, equal times by name', async () => {
        await insertAll(
          { name: 'b', createTimeMs: 1 },
          { name: 'c', createTimeMs: 3 },
          { name: 'a', createTimeMs: 1 },
          { name: 'é', createTimeMs: 1 },
        );
        expect(await listed()).toEqual(['c', 'é', 'b', 'a']);
      });

      test('orders names by their UTF-8 bytes', async () => {
        await insertAll({ name: '\u{1f600}' }, { name: '\uffee' }, { name: 'z' });
        expect(await listed()).toEqual(['\u{1f600}', '\uffee', 'z']);
      });

      test('shows only the surface and the collection, and nothing deleted', async () => {
        await insertAll(
          { name: 'mine' },
          { name: 'other-surface', surface: 'checks' },
          { name: 'other-collection', collection: 'x' },
          { name: 'deleted', deleted: true },
        );
        expect(await listed()).toEqual(['mine']);
        await operations.update('mine', markDeleted);
        expect(await listed()).toEqual([]);
      });

      test('forgets a record when it is removed, and finds it under its new state when it changes', async () => {
        await insertAll({ name: 'a' }, { name: 'b' });
        await operations.update('a', succeed);
        expect(await listed({ states: ['QUEUED'] })).toEqual(['b']);
        expect(await listed({ states: ['SUCCEEDED'] })).toEqual(['a']);
      });

      test.each<[Partial<ListQuery>, readonly string[]]>([
        [{ states: ['QUEUED'] }, ['f', 'c', 'a']],
        [{ states: ['QUEUED', 'FAILED'] }, ['f', 'e', 'c', 'a']],
        [{ states: ['QUEUED', 'QUEUED'] }, ['f', 'c', 'a']],
        [{ states: [...STATES] }, ['f', 'e', 'd', 'c', 'b', 'a']],
        [{ states: [] }, []],
        [{ resources: ['job/1'] }, ['d', 'b', 'a']],
        [{ resources: ['job/1', 'job/2', 'job/none'] }, ['e', 'd', 'c', 'b', 'a']],
        [{ resources: [] }, []],
        [{ resources: ['job/1'], states: ['RUNNING'] }, ['d', 'b']],
        [{ resources: ['job/1', 'job/2'], states: ['RUNNING', 'FAILED'] }, ['e', 'd', 'b']],
        [{ names: ['a', 'e', 'none'] }, ['e', 'a']],
        [{ names: [] }, []],
        [{ names: ['a', 'e', 'b'], states: ['RUNNING', 'FAILED'], resources: ['job/1'] }, ['b']],
        [{ createTimeMinMs: 2 }, ['f', 'e', 'd', 'c']],
        [{ createTimeMaxMs: 2 }, ['d', 'c', 'b', 'a']],
        [{ createTimeMinMs: 2, createTimeMaxMs: 2 }, ['d', 'c']],
        [{ createTimeMinMs: 2, createTimeMaxMs: 3, states: ['QUEUED'] }, ['f', 'c']],
        [{ createTimeMinMs: 2, names: ['a', 'd'] }, ['d']],
        [{ limit: 2 }, ['f', 'e']],
        [{ after: { createTimeMs: 2, name: 'd' } }, ['c', 'b', 'a']],
        [{ after: { createTimeMs: 2, name: 'cc' } }, ['c', 'b', 'a']],
        [{ after: { createTimeMs: 2, name: 'd' }, createTimeMaxMs: 3, limit: 1 }, ['c']],
        [{ after: { createTimeMs: 3, name: 'e' }, createTimeMaxMs: 1 }, ['b', 'a']],
        [{ after: { createTimeMs: 2, name: 'd' }, names: ['a', 'e'] }, ['a']],
        [{ after: { createTimeMs: 3, name: 'e' }, states: ['RUNNING'], resources: ['job/1'], limit: 1 }, ['d']],
      ])('answers %j', async (query, expected) => {
        await insertAll(
          { name: 'a', createTimeMs: 1, resource: 'job/1' },
          { name: 'b', createTimeMs: 1, resource: 'job/1', state: 'RUNNING', session: 's' },
          { name: 'c', createTimeMs: 2, resource: 'job/2' },
          { name: 'd', createTimeMs: 2, resource: 'job/1', state: 'RUNNING', session: 's' },
          { name: 'e', createTimeMs: 3, resource: 'job/2', state: 'FAILED' },
          { name: 'f', createTimeMs: 3 },
        );
        expect(await listed(query)).toEqual(expected);
      });

      test('answers in order for more resources than one statement takes', async () => {
        const many = Array.from({ length: 40 }, (_, index) => index);
        await insertAll(
          ...many.map((index) => ({ name: `o${index}`, createTimeMs: (index * 7) % 40, resource: `job/${index}` })),
        );
        const page = await operations.list({ ...LIST, resources: many.map((index) => `job/${index}`), limit: 30 });
        expect(page.map(({ createTimeMs }) => createTimeMs)).toEqual(many.map((index) => 39 - index).slice(0, 30));
      });

      test('walks each operation exactly once while others come and go', async () => {
        const stay = Array.from({ length: 30 }, (_, index) => `stay-${index}`);
        await insertAll(
          ...stay.flatMap((name, index) => [
            { name, createTimeMs: Math.floor(index / 4) },
            { name: `go-${index}`, createTimeMs: Math.floor(index / 4) },
          ]),
        );
        const seen: string[] = [];
        let after: ListQuery['after'];
        for (let page = 0; page < 60; page++) {
          const found = await operations.list({ ...LIST, limit: 3, ...(after === undefined ? {} : { after }) });
          seen.push(...namesOf(found));
          after = found.at(-1);
          if (after === undefined) break;
          await operations.insert(sampleOperation({ name: `come-${page}`, createTimeMs: page % 9 }));
          await operations.update(`go-${page % 30}`, (it, now) => succeed(markDeleted(it), now)).catch(() => undefined);
        }
        expect(after).toBeUndefined();
        expect(seen.filter((name) => name.startsWith('stay')).sort()).toEqual([...stay].sort());
        expect(new Set(seen).size).toBe(seen.length);
      });
    });

    describe('claim', () => {
      const take = (it: Operation): Operation => ({ ...it, state: 'RUNNING', session: 's1', fence: it.fence + 1n });
      const claimed = async (query: Partial<ClaimQuery> = {}): Promise<readonly string[]> =>
        namesOf(await operations.claim({ ...CLAIM, ...query }, take));

      test('takes no work that is an owner’s, however long it waits', async () => {
        await operations.insert(sampleOperation({ owner: OWNER }));
        await operations.insert(sampleOperation({ name: 'operations/2', owner: OWNER, dueTimeMs: clock.now() + 5 }));
        await clock.advance(10);
        expect(await claimed()).toEqual([]);
        expect(await claimed({ alone: true, deathCountAlone: 0 })).toEqual([]);
      });

      test('changes and returns queued operations by priority, then age, then name', async () => {
        const queued = [
          { name: 'old', createTimeMs: 1 },
          { name: 'new', createTimeMs: 2 },
          { name: 'urgent', createTimeMs: 3, priority: 5 },
          { name: 'idle', createTimeMs: 0, priority: -5 },
          { name: 'older', createTimeMs: 1 },
        ];
        for (const changes of queued) await operations.insert(sampleOperation(changes));
        expect(await claimed()).toEqual(['urgent', 'old', 'older', 'new', 'idle']);
        expect(await operations.get('urgent')).toMatchObject({ state: 'RUNNING', fence: 1n, revision: 2 });
        expect(await claimed()).toEqual([]);
      });

      test('takes no more than the limit', async () => {
        for (const name of ['a', 'b', 'c']) await operations.insert(sampleOperation({ name }));
        expect(await claimed({ limit: 2 })).toEqual(['a', 'b']);
        expect(await claimed({ limit: 2 })).toEqual(['c']);
      });

      test('takes its kinds only, in one order', async () => {
        const queued = [
          { name: 'a', kind: 'x', createTimeMs: 3 },
          { name: 'b', kind: 'y', createTimeMs: 2 },
          { name: 'c', kind: 'z', createTimeMs: 1 },
        ];
        for (const changes of queued) await operations.insert(sampleOperation(changes));
        expect(await claimed({ kinds: [] })).toEqual([]);
        expect(await claimed({ kinds: ['x', 'y', 'x', 'none'] })).toEqual(['b', 'a']);
      });

      test.each(STATES.filter((state) => state !== 'QUEUED'))('leaves what is %s', async (state) => {
        await operations.insert(sampleOperation({ state }));
        expect(await claimed()).toEqual([]);
      });

      test('takes work from its due time on, and then in its place', async () => {
        await operations.insert(sampleOperation({ name: 'later', priority: 9, dueTimeMs: clock.now() + 1000 }));
        await operations.insert(sampleOperation({ name: 'now', dueTimeMs: clock.now() }));
        expect(await claimed()).toEqual(['now']);
        clock.shift(999);
        await operations.insert(sampleOperation({ name: 'next', dueTimeMs: clock.now() }));
        expect(await claimed({ limit: 1 })).toEqual(['next']);
        clock.shift(1);
        await operations.insert(sampleOperation({ name: 'last', dueTimeMs: clock.now() }));
        expect(await claimed()).toEqual(['later', 'last']);
      });

      test('takes work without a due time whatever the wall clock is set to', async () => {
        await operations.insert(sampleOperation({ dueTimeMs: 0 }));
        await operations.insert(heldOperation({ name: 'operations/2' }));
        clock.shift(-3_600_000);
        await operations.update('operations/2', (it) => ({ ...requeue(it), dueTimeMs: 0 }));
        expect(await claimed()).toEqual(['operations/1', 'operations/2']);
      });

      test('waits again for work that was given a later due time', async () => {
        await operations.insert(sampleOperation());
        const dueTimeMs = clock.now() + 1000;
        await operations.update('operations/1', (it) => ({ ...it, dueTimeMs }));
        expect(await claimed()).toEqual([]);
        clock.shift(1000);
        expect(await claimed()).toEqual(['operations/1']);
      });

      test('gives operations with many deaths to a claim that asks for them alone, and it nothing else', async () => {
        await operations.insert(sampleOperation({ name: 'healthy', deathCount: 2 }));
        await operations.insert(sampleOperation({ name: 'dying', deathCount: 3, priority: 1 }));
        expect(await claimed({ alone: true, kinds: ['other'] })).toEqual([]);
        expect(await claimed()).toEqual(['healthy']);
        expect(await claimed({ alone: true })).toEqual(['dying']);
      });

      test('treats every operation as dying when the limit of deaths is 0', async () => {
        await operations.insert(sampleOperation());
        expect(await claimed({ deathCountAlone: 0 })).toEqual([]);
        expect(await claimed({ deathCountAlone: 0, alone: true })).toEqual(['operations/1']);
      });

      test('skips what the change leaves as it was, and goes on to the next', async () => {
        for (let index = 10; index < 40; index++) await operations.insert(sampleOperation({ name: `o${index}` }));
        const found = await operations.claim({ ...CLAIM, limit: 2 }, (it) => (it.name < 'o35' ? it : take(it)));
        expect(namesOf(found)).toEqual(['o35', 'o36']);
        expect((await operations.get('o10'))?.revision).toBe(1);
      });

      test('skips what the change throws for, and hands the error on when nothing was changed', async () => {
        await operations.insert(sampleOperation({ name: 'bad' }));
        const thrown = new Error('no');
        const failFor = (it: Operation): Operation => {
          if (it.name === 'bad') throw thrown;
          return take(it);
        };
        expect(await rejection(operations.claim(CLAIM, failFor))).toBe(thrown);
        await operations.insert(sampleOperation({ name: 'good' }));
        expect(namesOf(await operations.claim(CLAIM, failFor))).toEqual(['good']);
        expect((await operations.get('bad'))?.state).toBe('QUEUED');
      });

      describe('with shares', () => {
        const SHARE = { surface: 'longrunning', leasedCountMax: 2 };
        const queue = async (collection: string, names: readonly string[], changes: Partial<Operation> = {}) => {
          for (const name of names) await operations.insert(sampleOperation({ name, collection, ...changes }));
        };

        test('lets collections take turns, within each by priority, then age', async () => {
          await queue('a', ['a1', 'a2', 'a3']);
          await queue('b', ['b1']);
          await queue('b', ['b0'], { priority: 1 });
          await queue('c', ['c1']);

          const share = { ...SHARE, leasedCountMax: 9 };
          expect(await claimed({ share, limit: 4 })).toEqual(['a1', 'b0', 'c1', 'a2']);
          expect(await claimed({ share, limit: 4 })).toEqual(['b1', 'a3']);
        });

        test('goes on behind the collection that had the last turn', async () => {
          await queue('a', ['a1', 'a2', 'a3']);
          await queue('b', ['b1', 'b2', 'b3']);

          const found: string[] = [];
          for (let turn = 0; turn < 6; turn++) found.push(...(await claimed({ share: SHARE, limit: 1 })));
          expect(found).toEqual(['a1', 'b1', 'a2', 'b2']);
        });

        test('gives none to a collection that has its share, until one of its operations ends', async () => {
          await queue('a', ['a1', 'a2', 'a3', 'a4']);
          await queue('b', ['b1']);

          expect(await claimed({ share: SHARE })).toEqual(['a1', 'b1', 'a2']);
          expect(await claimed({ share: SHARE })).toEqual([]);
          expect((await operations.get('a3'))?.state).toBe('QUEUED');
          await operations.update('a1', (it, now) => end(it, now, 'FAILED', { error: { code: 5, message: '' } }));
          expect(await claimed({ share: SHARE })).toEqual(['a3']);
        });

        test('counts what any claim has leased, of that surface only, and none that is deleted', async () => {
          const held = heldOperation();
          for (const name of ['h1', 'h2']) await operations.insert({ ...held, name, collection: 'a' });
          for (const name of ['g1', 'g2'])
            await operations.insert({ ...held, name, collection: 'b', surface: 'checks' });
          for (const name of ['f1', 'f2']) await operations.insert({ ...held, name, collection: 'c', deleted: true });
          for (const it of ['a', 'b', 'c']) await queue(it, [`${it}1`]);

          expect(await claimed({ share: SHARE })).toEqual(['b1', 'c1']);
        });

        test('takes no notice of them when it asks for operations that run alone', async () => {
          await operations.insert({ ...heldOperation(), name: 'h1', collection: 'a' });
          await queue('a', ['dying'], { deathCount: 3 });

          expect(await claimed({ share: { ...SHARE, leasedCountMax: 1 } })).toEqual([]);
          expect(await claimed({ share: { ...SHARE, leasedCountMax: 1 }, alone: true })).toEqual(['dying']);
        });

        test('gives no operation to two claimers, and no collection more than its share', async () => {
          for (const it of ['a', 'b', 'c'])
            await queue(
              it,
              [1, 2, 3, 4, 5].map((number) => `${it}${String(number)}`),
            );

          const claims = await Promise.all(Array.from({ length: 6 }, () => claimed({ share: SHARE, limit: 2 })));

          expect(claims.flat().sort()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
        });

        test('passes by what the change leaves as it is, of several kinds', async () => {
          await queue('a', ['a1']);
          await queue('a', ['a2'], { kind: 'other' });

          const found = await operations.claim({ ...CLAIM, kinds: ['test', 'other'], share: SHARE }, (it) =>
            it.name === 'a1' ? it : take(it),
          );
          expect(namesOf(found)).toEqual(['a2']);
        });

        describe('and operations that the change throws for or leaves as they are', () => {
          const refusing = async (query: Partial<ClaimQuery>): Promise<readonly string[]> => {
            const found = await operations.claim({ ...CLAIM, share: SHARE, ...query }, (it) => {
              if (it.name.endsWith('bad')) throw new Error('no');
              return it.name.endsWith('left') ? it : take(it);
            });
            return namesOf(found);
          };
          const many = (count: number, collection: string, ending: string): readonly string[] =>
            Array.from({ length: count }, (_, index) => `${collection}${String(index).padStart(2, '0')}${ending}`);

          test('gives a turn to the next operation of the collection, and its share to what was changed', async () => {
            await queue('a', ['a1-bad', 'a2-left', 'a3', 'a4-bad', 'a5', 'a6']);
            await queue('b', ['b1', 'b2']);

            expect(await refusing({ limit: 1 })).toEqual(['a3']);
            expect(await refusing({ limit: 9 })).toEqual(['b1', 'a5', 'b2']);
          });

          test('reaches what is behind many of them, with room for one', async () => {
            await queue('a', [...many(40, 'a', '-bad'), ...many(40, 'a', '-left'), 'a99']);

            const share = { ...SHARE, leasedCountMax: 1 };
            expect(await refusing({ share, limit: 1 })).toEqual(['a99']);
            expect(await refusing({ share, limit: 1 })).toEqual([]);
          });

          test('gives the turns of collections that have nothing else to those behind them', async () => {
            for (const name of ['a', 'c', 'd']) await queue(name, many(20, name, '-bad'));
            await queue('b', ['b1', 'b2']);
            await queue('e', ['e1', 'e2']);

            expect(await refusing({ limit: 1 })).toEqual(['b1']);
            expect(await refusing({ limit: 2 })).toEqual(['e1', 'b2']);
            expect(await refusing({ limit: 2 })).toEqual(['e2']);
          });
        });
      });

      test('gives no operation to two claimers', async () => {
        for (let index = 0; index < 30; index++) await operations.insert(sampleOperation({ name: `o${index}` }));
        const claims = await Promise.all(Array.from({ length: 8 }, () => claimed({ limit: 4 })));
        const names = claims.flat();
        expect(names).toHaveLength(30);
        expect(new Set(names).size).toBe(30);
      });

      test('has one order with a cancel of the same operation', async () => {
        for (let index = 0; index < 10; index++) await operations.insert(sampleOperation({ name: `o${index}` }));
        const cancels = Array.from({ length: 10 }, (_, index) =>
          operations.update(`o${index}`, (it, now) => (it.state === 'QUEUED' ? succeed(it, now) : it)),
        );
        const [found, outcomes] = await Promise.all([claimed(), Promise.all(cancels)]);
        const cancelled = outcomes.filter(({ state }) => state === 'SUCCEEDED').map((it) => it.name);
        expect([...found, ...cancelled].sort()).toEqual(Array.from({ length: 10 }, (_, index) => `o${index}`));
        for (const name of found) expect((await operations.get(name))?.state).toBe('RUNNING');
      });
    });

    describe('sessions', () => {
      const expired = async (limit = 100): Promise<readonly string[]> =>
        namesOf(await operations.expireSessions(limit, requeue));

      test('are alive until their lease is over, and renewing extends it', async () => {
        await operations.insert(heldOperation({ session: 's1' }));
        await operations.renewSessions(['s1', 's2'], 1000);
        await clock.advance(999);
        expect(await expired()).toEqual([]);
        await operations.renewSessions(['s1'], 1000);
        await clock.advance(999);
        expect(await expired()).toEqual([]);
        await clock.advance(1);
        expect(await expired()).toEqual(['operations/1']);
        expect(await operations.get('operations/1')).toMatchObject({ state: 'QUEUED', deathCount: 1, revision: 2 });
        expect(await expired()).toEqual([]);
      });

      test('tell what they hold, page by page in the order of names', async () => {
        for (const name of ['o3', 'o1', 'o2']) await operations.insert(heldOperation({ name, session: 's1' }));
        await operations.insert(heldOperation({ name: 'other', session: 's2' }));
        await operations.insert(sampleOperation({ name: 'queued' }));
        expect(namesOf(await operations.held('s1', '', 2))).toEqual(['o1', 'o2']);
        expect(await operations.held('s1', 'o2', 2)).toEqual([await operations.get('o3')]);
        await operations.update('o1', succeed);
        expect(namesOf(await operations.held('s1', '', 9))).toEqual(['o2', 'o3']);
        expect(await operations.held('stranger', '', 9)).toEqual([]);
      });

      test('live and end whatever the wall clock is set to', async () => {
        await operations.insert(heldOperation({ session: 's1' }));
        await operations.renewSessions(['s1'], 1000);
        clock.shift(3_600_000);
        expect(await expired()).toEqual([]);
        clock.shift(-7_200_000);
        await clock.advance(1000);
        expect(await expired()).toEqual(['operations/1']);
      });

      test('that nobody knows are over', async () => {
        await operations.insert(heldOperation({ session: 'stranger' }));
        expect(await expired()).toEqual(['operations/1']);
      });

      test('lose at most so many operations at a time, and none is forgotten', async () => {
        const states = ['RUNNING', 'SUSPENDING', 'CANCELLING'] as const;
        for (let index = 0; index < 9; index++) {
          const changes = { name: `o${index}`, session: `s${index % 3}`, state: states[index % 3] ?? 'RUNNING' };
          await operations.insert(heldOperation(changes));
        }
        await operations.insert(heldOperation({ name: 'alive', session: 'living' }));
        await operations.renewSessions(['living', 's0'], 1000);
        await clock.advance(500);
        await operations.renewSessions(['living'], 1000);
        await clock.advance(500);
        const rounds = [await expired(4), await expired(4), await expired(4)];
        expect(rounds.map((round) => round.length)).toEqual([4, 4, 1]);
        expect(new Set(rounds.flat()).size).toBe(9);
        expect((await operations.get('alive'))?.state).toBe('RUNNING');
      });

      test('keep what the change leaves as it was, and the limit is for the others', async () => {
        for (let index = 0; index < 5; index++) await operations.insert(heldOperation({ name: `o${index}` }));
        const found = await operations.expireSessions(2, (it) => (it.name < 'o3' ? it : requeue(it)));
        expect(namesOf(found)).toEqual(['o3', 'o4']);
      });

      test('that are over are recovered by the next expiry whatever they come to hold in between', async () => {
        await operations.insert(heldOperation({ name: 'o1', session: 's1' }));
        expect(await expired()).toEqual(['o1']);
        expect(await expired()).toEqual([]);
        await operations.update('o1', (it) => ({ ...it, state: 'RUNNING', session: 's1' }));
        await operations.insert(heldOperation({ name: 'o2', session: 's2' }));
        expect(await expired()).toEqual(['o1', 'o2']);
      });

      test('that a failed expiry has left are met by the next one', async () => {
        for (const name of ['o1', 'o2', 'o3']) await operations.insert(heldOperation({ name, session: name }));
        const refused = operations.expireSessions(100, () => {
          throw new Error('refused');
        });
        await expect(refused).rejects.toThrow('refused');
        expect(await expired(2)).toEqual(['o1', 'o2']);
        expect(await expired()).toEqual(['o3']);
      });

      test('of owners live on when nobody knows them, for as long as their lease lasts', async () => {
        await operations.insert(heldOperation({ session: 'owner/1', owner: OWNER }));
        expect(await expired()).toEqual([]);
        await clock.advance(OWNER.leaseDurationMs - 1);
        expect(await expired()).toEqual([]);
        await clock.advance(1);
        expect(await expired()).toEqual(['operations/1']);
      });

      test('of owners that were renewed keep to that', async () => {
        await operations.renewSessions(['owner/1'], 1000);
        await operations.insert(heldOperation({ session: 'owner/1', owner: OWNER }));
        await clock.advance(1000);
        expect(await expired()).toEqual(['operations/1']);
      });

      test('of owners are of one grant, and forgotten with the write that takes the operation from them', async () => {
        const ends: Readonly<Record<string, (it: Operation, now: number) => Operation>> = {
          ended: succeed,
          requeued: requeue,
          removed: (it, now) => ({ ...succeed(it, now), deleted: true }),
          regranted: (it) => ({ ...it, session: 'owner/of-another', fence: it.fence + 1n }),
          kept: (it) => ({ ...it, priority: 1 }),
        };
        const left: Record<string, number | undefined> = {};
        for (const [name, change] of Object.entries(ends)) {
          await operations.insert(heldOperation({ name, session: `owner/${name}`, owner: OWNER }));
          await operations.renewSessions([`owner/${name}`], 1000);
          await operations.update(name, change);
          left[name] = await database.index.sessionLeftMs(`owner/${name}`);
        }
        expect(left).toEqual({ kept: 1000 });
      });

      test('of owners are kept when the write that was to take the operation from them is refused', async () => {
        await operations.insert(heldOperation({ session: 'owner/1', owner: OWNER }));
        await operations.renewSessions(['owner/1'], 1000);
        const unchanged = [{ name: 'operations/none', createTimeMs: 1, revision: 1 }];
        await expect(operations.update('operations/1', succeed, { unchanged })).rejects.toThrow();
        expect(await database.index.sessionLeftMs('owner/1')).toBe(1000);
      });

      test('of workers go on when an operation that they hold has ended', async () => {
        await operations.insert(heldOperation({ session: 's1' }));
        await operations.renewSessions(['s1'], 1000);
        await operations.update('operations/1', succeed);
        expect(await database.index.sessionLeftMs('s1')).toBe(1000);
      });

      test('may be renewed again after they were over', async () => {
        await operations.renewSessions(['s1'], 1000);
        await clock.advance(2000);
        expect(await expired()).toEqual([]);
        await operations.renewSessions(['s1'], 1000);
        await operations.insert(heldOperation({ session: 's1' }));
        expect(await expired()).toEqual([]);
      });
    });

    describe('a cancel that is still to be carried to children', () => {
      test('keeps the record, deleted, done and expired as it is', async () => {
        const past = { state: 'CANCELLED', deleted: true, expireTimeMs: 1, cascading: true } as const;
        await operations.insert(sampleOperation());
        await operations.update('operations/1', (it) => ({ ...it, ...past }));
        expect(await operations.purge(10)).toBe(0);
        expect(await operations.get('operations/1')).toMatchObject(past);
        const { cascading: _cascading, ...rest } = past;
        await operations.update('operations/1', ({ cascading: _it, ...it }) => ({ ...it, ...rest }));
        expect(await operations.get('operations/1')).toBeUndefined();
      });

      test('lets it expire once it is', async () => {
        await operations.insert(sampleOperation({ state: 'CANCELLED', expireTimeMs: 1, cascading: true }));
        expect(await operations.purge(10)).toBe(0);
        await operations.update('operations/1', ({ cascading: _it, ...it }) => it);
        expect(await operations.purge(10)).toBe(1);
      });
    });

    describe('purge', () => {
      test('removes done operations from their expiry on, and no others', async () => {
        const expireTimeMs = clock.now() + 1000;
        await operations.insert(sampleOperation({ name: 'done', state: 'SUCCEEDED', expireTimeMs }));
        await operations.insert(sampleOperation({ name: 'later', state: 'FAILED', expireTimeMs: expireTimeMs + 1 }));
        await operations.insert(sampleOperation({ name: 'live', expireTimeMs }));
        clock.shift(999);
        expect(await operations.purge(10)).toBe(0);
        clock.shift(1);
        expect(await operations.purge(10)).toBe(1);
        expect(await listed()).toEqual(['live', 'later']);
        expect(await operations.get('done')).toBeUndefined();
        await expect(operations.update('done', relabel('x'))).rejects.toThrow('done not found');
      });

      test('removes at most so many, the longest expired first, and resources with them', async () => {
        for (let index = 0; index < 5; index++) {
          await operations.insert(
            sampleOperation({ name: `o${index}`, state: 'SUCCEEDED', expireTimeMs: 100 - index }),
          );
        }
        const next = { ...resourceNext(), expireTimeMs: 100 };
        await database.resources.write([{ kind: 'job', name: 'job/1', revision: 0, next }, createResource('job/2')]);
        expect(await operations.purge(2)).toBe(2);
        expect(await listed()).toEqual(['o2', 'o1', 'o0']);
        expect(await operations.purge(100)).toBe(4);
        expect(await operations.purge(100)).toBe(0);
        expect(await database.resources.get('job', 'job/1')).toBeUndefined();
        expect(await database.resources.get('job', 'job/2')).toBeDefined();
      });

      test('leaves nothing behind for an update of the same moment', async () => {
        await operations.insert(sampleOperation({ state: 'SUCCEEDED', expireTimeMs: 1 }));
        const [purged] = await Promise.allSettled([
          operations.purge(10),
          operations.update('operations/1', relabel('x')),
          operations.update('operations/1', relabel('y')),
        ]);
        expect(purged).toMatchObject({ value: 1 });
        expect(await operations.get('operations/1')).toBeUndefined();
        expect(await listed()).toEqual([]);
      });

      test('frees the name and the request id', async () => {
        const done = sampleOperation({ requestId: 'r', state: 'SUCCEEDED', expireTimeMs: 1 });
        await operations.insert(done);
        await operations.purge(1);
        expect((await operations.insert(sampleOperation({ requestId: 'r' }))).created).toBe(true);
        expect((await operations.update('operations/1', relabel('x'))).revision).toBe(2);
      });
    });

    describe('changes', () => {
      test('tell of inserts, updates, removals and purges, once they can be read', async () => {
        const stop = new AbortController();
        const hints = operations.changes(stop.signal)[Symbol.asyncIterator]();
        const writing = operations.insert(sampleOperation());
        expect((await hints.next()).value).toMatchObject({ name: 'operations/1', state: 'QUEUED' });
        expect(await operations.get('operations/1')).toBeDefined();
        await writing;
        void operations.update('operations/1', (it, now) => ({ ...succeed(it, now), expireTimeMs: now }));
        const home = { surface: 'longrunning', collection: 'operations' };
        expect((await hints.next()).value).toEqual({ name: 'operations/1', state: 'SUCCEEDED', ...home });
        await operations.purge(1);
        expect((await hints.next()).value).toMatchObject({ name: 'operations/1', ...home });
        stop.abort();
      });

      test('tell nothing of what was not written', async () => {
        await operations.insert(sampleOperation());
        const stop = new AbortController();
        const hints = operations.changes(stop.signal)[Symbol.asyncIterator]();
        await operations.update('operations/1', (it) => it);
        await rejection(operations.update('operations/1', relabel('x'), { resources: [changeResource('none', 3)] }));
        await rejection(operations.insert(sampleOperation()));
        await operations.insert(sampleOperation({ name: 'operations/2' }));
        expect((await hints.next()).value).toMatchObject({ name: 'operations/2' });
        stop.abort();
      });

      test('end when the signal aborts, waiting or not', async () => {
        const stop = new AbortController();
        const waiting = collect(operations.changes(stop.signal));
        const idle = operations.changes(stop.signal);
        await operations.insert(sampleOperation());
        stop.abort();
        expect(namesOf(await waiting)).toEqual(['operations/1']);
        expect(await collect(idle)).toEqual([]);
        expect(await collect(operations.changes(AbortSignal.abort()))).toEqual([]);
      });

      test('keep one hint a name for a slow reader, the newest', async () => {
        const stop = new AbortController();
        const hints = operations.changes(stop.signal)[Symbol.asyncIterator]();
        await operations.insert(sampleOperation());
        await operations.insert(sampleOperation({ name: 'operations/2' }));
        await operations.update('operations/1', relabel('x'));
        await operations.update('operations/1', succeed);
        const seen = [await hints.next(), await hints.next()].map(({ value }) => value as ChangeHint);
        expect(seen).toMatchObject([
          { name: 'operations/1', state: 'SUCCEEDED' },
          { name: 'operations/2', state: 'QUEUED' },
        ]);
        stop.abort();
        expect((await hints.next()).done).toBe(true);
      });

      test('go to every reader', async () => {
        const stop = new AbortController();
        const readers = [operations.changes(stop.signal), operations.changes(stop.signal)].map((it) =>
          it[Symbol.asyncIterator](),
        );
        await operations.insert(sampleOperation());
        const seen = await Promise.all(readers.map((reader) => reader.next()));
        expect(seen.map(({ value }) => (value as ChangeHint).name)).toEqual(['operations/1', 'operations/1']);
        stop.abort();
      });
    });
  });
}

function namesOf(all: readonly { readonly name: string }[]): readonly string[] {
  return all.map(({ name }) => name);
}

function relabel(label: string): (operation: Operation) => Operation {
  return (operation) => ({ ...operation, labels: { label } });
}

function markDeleted(operation: Operation): Operation {
  return { ...operation, deleted: true };
}

function requeue(operation: Operation): Operation {
  const { session: _session, ...rest } = operation;
  return { ...rest, state: 'QUEUED', deathCount: operation.deathCount + 1 };
}

function succeed(operation: Operation, now: number): Operation {
  const { session: _session, ...rest } = operation;
  const response = { typeUrl: 't/r', value: new Uint8Array([1, 2]) };
  return { ...rest, state: 'SUCCEEDED', result: { response }, endTimeMs: now };
}

function resourceNext(): Omit<Resource, 'kind' | 'name' | 'revision'> {
  return { collection: 'p', value: new Uint8Array([1]), createTimeMs: 1 };
}

function createResource(name: string): ResourceChange {
  return { kind: 'job', name, revision: 0, next: resourceNext() };
}

function changeResource(name: string, revision: number): ResourceChange {
  return { kind: 'job', name, revision, next: resourceNext() };
}

/** What the promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it resolved');
}

async function collect(hints: AsyncIterable<ChangeHint>): Promise<readonly ChangeHint[]> {
  const all: ChangeHint[] = [];
  for await (const hint of hints) all.push(hint);
  return all;
}

/** An operation with every member set, each to a value of its own. */
function fullOperation(): Operation {
  return {
    name: 'operations/full',
    surface: 'longrunning',
    collection: 'operations',
    kind: 'copy',
    resource: 'job/1',
    state: 'CANCELLED',
    request: { typeUrl: 't/request', value: new Uint8Array([1]) },
    metadata: { typeUrl: 't/metadata', value: new Uint8Array([2, 3]) },
    checkpoint: { typeUrl: 't/checkpoint', value: new Uint8Array(0) },
    result: {
      error: {
        code: 1,
        message: 'stopped – ünïcode',
        info: { reason: 'OPERATION_CANCELLED', domain: 'd', metadata: { a: 'b' } },
        details: [{ typeUrl: 't/detail', value: new Uint8Array([0, 255]) }],
      },
    },
    priority: -3,
    labels: { team: 'a', __proto__x: 'b' },
    createTimeMs: 1_700_000_000_001,
    startTimeMs: 1_700_000_000_002,
    endTimeMs: 1_700_000_000_003,
    retentionMs: 86_400_000,
    expireTimeMs: 1_700_000_000_004,
    dueTimeMs: 1_700_000_000_005,
    attemptCount: 4,
    failureCount: 5,
    failure: {
      status: { code: 14, message: 'away – ünïcode', info: { reason: 'AWAY', metadata: { a: 'b' } } },
      timeMs: 1_700_000_000_010,
      attempt: 3,
    },
    attemptCountMax: 6,
    deathCount: 7,
    session: 'session-1',
    fence: 2n ** 60n + 1n,
    revision: 9,
    cancel: {
      reason: 'user',
      actor: 'somebody',
      requestTimeMs: 1,
      deliverTimeMs: 2,
      acknowledgeTimeMs: 3,
      stopTimeMs: 4,
      stopConfirmed: false,
    },
    exclusiveKey: 'key',
    requestId: 'request',
    requestDigest: 'digest',
    owner: { leaseDurationMs: 5_000, cancelGraceMs: 2_000, abandonAfterMs: 9_000 },
    attemptStartTimeMs: 1_700_000_000_006,
    runTimeoutMs: 7,
    deadlineTimeMs: 1_700_000_000_008,
    abandonTimeMs: 1_700_000_000_009,
    parent: { name: 'operations/parent', createTimeMs: 7 },
    hasChildren: true,
    cascading: true,
    progress: {
      items: { done: 1, total: 2, totalComplete: true, skipped: 0, failed: 1, perSecond: 0.5, rateWeight: 0.25 },
      bytes: { done: 2 ** 52 },
      timeLeftMs: 2_000,
      errorSamples: [{ code: 5, item: 'file:///a', message: 'gone – ünïcode' }],
      stage: 'copying',
      updateTimeMs: 1_700_000_000_007,
    },
    deleted: false,
    encoded: new Uint8Array([9, 8, 7]),
  };
}
