import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Resource, ResourceChange, ResourceRepository } from '../../src/operations/resource.ts';
import type { DatabaseHarness, OpenHarness } from './database-harness.ts';

/** What ResourceRepository promises, sentence by sentence. */
export function describeResourceRepository(name: string, open: OpenHarness): void {
  describe(`${name}: ResourceRepository`, () => {
    let harness: DatabaseHarness;
    let resources: ResourceRepository;

    beforeEach(async () => {
      harness = await open();
      ({ resources } = harness.database);
    });

    afterEach(() => harness.dispose());

    const put = (name: string, next: Partial<Resource> = {}, revision = 0): Promise<void> =>
      resources.write([changeOf(name, next, revision)]);

    test('creates at revision 0, and counts the writes', async () => {
      await put('job/1', { value: new Uint8Array([1]), dueTimeMs: 5, expireTimeMs: 6 });
      expect(await resources.get('job', 'job/1')).toEqual({
        kind: 'job',
        name: 'job/1',
        collection: 'p',
        revision: 1,
        value: new Uint8Array([1]),
        createTimeMs: 1,
        dueTimeMs: 5,
        expireTimeMs: 6,
      });
      await put('job/1', { value: new Uint8Array(0) }, 1);
      const second = await resources.get('job', 'job/1');
      expect(second).toMatchObject({ revision: 2, value: new Uint8Array(0) });
      expect(second).not.toHaveProperty('dueTimeMs');
    });

    test('tells kinds apart', async () => {
      await put('x');
      await resources.write([{ ...changeOf('x'), kind: 'pool' }]);
      expect((await resources.get('pool', 'x'))?.kind).toBe('pool');
      expect(await resources.get('none', 'x')).toBeUndefined();
    });

    test('refuses to create what is there', async () => {
      await put('job/1');
      await expect(put('job/1')).rejects.toMatchObject({ code: 6, info: { reason: 'RESOURCE_EXISTS' } });
    });

    test('refuses a write of what was changed since, and of what is gone', async () => {
      await put('job/1');
      await put('job/1', {}, 1);
      await expect(put('job/1', {}, 1)).rejects.toMatchObject({ code: 10, info: { reason: 'RESOURCE_CHANGED' } });
      await expect(put('job/none', {}, 1)).rejects.toMatchObject({ code: 10 });
    });

    test('removes at the revision that was read', async () => {
      await put('job/1');
      await expect(resources.write([{ kind: 'job', name: 'job/1', revision: 2 }])).rejects.toMatchObject({ code: 10 });
      await resources.write([{ kind: 'job', name: 'job/1', revision: 1 }]);
      expect(await resources.get('job', 'job/1')).toBeUndefined();
      await put('job/1');
      expect((await resources.get('job', 'job/1'))?.revision).toBe(1);
    });

    test('bounds a collection where the writer says so, and only what is new', async () => {
      const bounded = (name: string, collection = 'p', revision = 0): Promise<void> =>
        resources.write([{ ...changeOf(name, { collection }, revision), collectionCountMax: 2 }]);
      const full = { code: 8, info: { reason: 'COLLECTION_FULL' } };
      await bounded('job/1');
      await bounded('job/2');
      await expect(bounded('job/3')).rejects.toMatchObject(full);
      expect(await resources.get('job', 'job/3')).toBeUndefined();
      await bounded('job/2', 'p', 1);
      await bounded('job/3', 'q');
      await put('job/4');
      await resources.write([{ kind: 'job', name: 'job/1', revision: 1 }]);
      await expect(bounded('job/5')).rejects.toMatchObject(full);
      await resources.write([{ kind: 'job', name: 'job/4', revision: 1 }]);
      const outcomes = await Promise.allSettled([bounded('job/6'), bounded('job/7')]);
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    });

    test('writes all of many, or none', async () => {
      await put('job/1');
      await expect(
        resources.write([
          changeOf('job/2'),
          changeOf('job/1', { value: new Uint8Array([9]) }, 1),
          changeOf('job/3', {}, 7),
        ]),
      ).rejects.toMatchObject({ code: 10 });
      expect(await resources.get('job', 'job/2')).toBeUndefined();
      expect(await resources.get('job', 'job/1')).toMatchObject({ revision: 1 });
      await resources.write([changeOf('job/2'), changeOf('job/2', { value: new Uint8Array([9]) }, 1)]);
      expect(await resources.get('job', 'job/2')).toMatchObject({ revision: 2, value: new Uint8Array([9]) });
    });

    test('lets one of two writers win who read the same revision', async () => {
      await put('job/1');
      const results = await Promise.allSettled([put('job/1', {}, 1), put('job/1', {}, 1)]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    });

    test('lists a collection of a kind, newest first', async () => {
      await put('a', { createTimeMs: 1 });
      await put('b', { createTimeMs: 3 });
      await put('c', { createTimeMs: 1 });
      await put('d', { createTimeMs: 2, collection: 'other' });
      await resources.write([{ ...changeOf('e'), kind: 'pool' }]);
      const page = await resources.list({ kind: 'job', collection: 'p', limit: 2 });
      expect(page.map((it) => it.name)).toEqual(['b', 'c']);
      const rest = await resources.list({
        kind: 'job',
        collection: 'p',
        limit: 2,
        after: { createTimeMs: 1, name: 'c' },
      });
      expect(rest.map((it) => it.name)).toEqual(['a']);
    });

    test('walks each exactly once while others come and go', async () => {
      const stay = Array.from({ length: 12 }, (_, index) => `stay-${index}`);
      for (const [index, name] of stay.entries()) {
        await put(name, { createTimeMs: index % 4 });
        await put(`go-${index}`, { createTimeMs: index % 4 });
      }
      const seen: string[] = [];
      let after: { createTimeMs: number; name: string } | undefined;
      for (let page = 0; page < 40; page++) {
        const found = await resources.list({
          kind: 'job',
          collection: 'p',
          limit: 2,
          ...(after === undefined ? {} : { after }),
        });
        seen.push(...found.map((it) => it.name));
        after = found.at(-1);
        if (after === undefined) break;
        await put(`come-${page}`, { createTimeMs: page % 4 });
        if (page < 12) await resources.write([{ kind: 'job', name: `go-${page}`, revision: 1 }]);
      }
      expect(after).toBeUndefined();
      expect(seen.filter((it) => it.startsWith('stay')).sort()).toEqual([...stay].sort());
      expect(new Set(seen).size).toBe(seen.length);
    });

    test('finds what is due, the earliest first', async () => {
      await put('late', { dueTimeMs: 30 });
      await put('second', { dueTimeMs: 20 });
      await put('first', { dueTimeMs: 10 });
      await put('never');
      await resources.write([{ ...changeOf('other', { dueTimeMs: 1 }), kind: 'pool' }]);
      const due = async (now: number, limit: number) => (await resources.due('job', now, limit)).map((it) => it.name);
      expect(await due(9, 10)).toEqual([]);
      expect(await due(20, 10)).toEqual(['first', 'second']);
      expect(await due(30, 2)).toEqual(['first', 'second']);
      await put('first', {}, 1);
      expect(await due(30, 10)).toEqual(['second', 'late']);
    });
  });
}

function changeOf(name: string, next: Partial<Resource> = {}, revision = 0): ResourceChange {
  const { dueTimeMs, expireTimeMs } = next;
  return {
    kind: 'job',
    name,
    revision,
    next: {
      collection: next.collection ?? 'p',
      value: next.value ?? new Uint8Array([7]),
      createTimeMs: next.createTimeMs ?? 1,
      ...(dueTimeMs === undefined ? {} : { dueTimeMs }),
      ...(expireTimeMs === undefined ? {} : { expireTimeMs }),
    },
  };
}
