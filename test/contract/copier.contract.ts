import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Code } from '../../src/core/code.ts';
import { WORD } from '../../src/operations/task.ts';
import {
  OBJECT_STATE,
  type Copier,
  type LargeObject,
  type PlannedObject,
  type StagingGroup,
} from '../../src/transfers/copier.ts';
import type { ObjectStore } from '../../src/transfers/object-store.ts';
import { present } from '../../src/transfers/present.ts';

/** Two empty stores, and copiers between them, each as of another attempt. */
export interface CopierUnderTest {
  readonly source: ObjectStore;
  readonly sink: ObjectStore;
  open(word: Int32Array): Copier;
  /** What is staged at the sink: files, uploads. */
  leftovers(): Promise<readonly string[]>;
  remove(): void | Promise<void>;
}

/** So large that it takes several slices and parts. */
const LARGE_BYTES = 600_000;
const MODIFY_TIME_MS = 1.6e12 + 0.25;
const never = new AbortController().signal;

/** What every Copier promises; a promise added to its comment is added here. */
export function copierContract(name: string, open: () => CopierUnderTest | Promise<CopierUnderTest>): void {
  describe(`${name} as a Copier`, () => {
    let under: CopierUnderTest;
    let copier: Copier;
    let word: Int32Array;
    let opened: Copier[];
    let sequence = 0;

    const another = (): Copier => {
      const next = under.open(word);
      opened.push(next);
      return next;
    };
    beforeEach(async () => {
      under = await open();
      word = new Int32Array(new SharedArrayBuffer(4));
      opened = [];
      copier = another();
    });
    afterEach(async () => {
      for (const each of opened) await each.close();
      await under.source.close();
      await under.sink.close();
      await under.remove();
    });

    async function plant(key: string, bytes: Uint8Array, modifyTimeMs = MODIFY_TIME_MS): Promise<PlannedObject> {
      await under.source.write(key, chunksOf(bytes), { modifyTimeMs, signal: never });
      const { sizeBytes, modifyTimeMs: timeMs, etag } = present(await under.source.stat(key, never));
      return { key, sizeBytes, modifyTimeMs: timeMs, ...(etag === undefined ? {} : { etag }) };
    }

    function groupOf(...objects: PlannedObject[]): StagingGroup {
      const stagingPrefix = `.~stx-test-${(sequence += 1)}-`;
      return { stagingPrefix, objects, states: new Uint8Array(objects.length), failures: new Map() };
    }

    function largeOf(object: PlannedObject): LargeObject {
      const stagingName = `.~stx-test-${(sequence += 1)}-0`;
      const nothing = { stagedBytes: 0, stagedCrc32c: 0 };
      return copier.hasUploads
        ? { ...object, ...nothing, stagingName: '', uploadId: '' }
        : { ...object, ...nothing, stagingName };
    }

    async function copy(group: StagingGroup, by = copier): Promise<void> {
      await by.stage(group);
      await by.publish(group);
    }

    /** Slices until it is complete, or something else comes. */
    async function stage(object: LargeObject, by = copier) {
      let current = object;
      for (;;) {
        const outcome = await by.stageSlice(current);
        if (outcome.kind !== 'staged' && outcome.kind !== 'begun') return outcome;
        current = outcome.object;
        if (outcome.kind === 'staged' && current.stagedBytes === current.sizeBytes) return outcome;
      }
    }

    /** As much as one slice. */
    async function stageOneSlice(object: LargeObject, by = copier): Promise<LargeObject> {
      for (let outcome = await by.stageSlice(object); ; outcome = await by.stageSlice(outcome.object)) {
        if (outcome.kind === 'staged') return outcome.object;
        if (outcome.kind !== 'begun') throw new Error(outcome.kind);
      }
    }

    async function sinkBytes(key: string): Promise<Buffer | undefined> {
      if ((await under.sink.stat(key, never)) === undefined) return undefined;
      const chunks: Buffer[] = [];
      for await (const chunk of under.sink.read(key, { signal: never })) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    }

    test('publishes a group whole, empty objects too', async () => {
      const bytes = [randomBytes(10), randomBytes(0), randomBytes(50_000)];
      const keys = ['a', 'd/b', 'd/e/c'];
      const objects = [];
      for (const [index, key] of keys.entries()) objects.push(await plant(key, present(bytes[index])));
      const group = groupOf(...objects);
      await copy(group);
      expect([...group.states]).toEqual(keys.map(() => OBJECT_STATE.PUBLISHED));
      for (const [index, key] of keys.entries()) expect(await sinkBytes(key)).toEqual(bytes[index]);
      expect(await under.leftovers()).toEqual([]);
    });

    test('tells of a source that is another one now, with its size, and copies it the next time', async () => {
      const object = await plant('k', randomBytes(10));
      const bytes = randomBytes(20);
      await plant('k', bytes, MODIFY_TIME_MS + 5000);
      const group = groupOf(object);
      await copy(group);
      expect([...group.states]).toEqual([OBJECT_STATE.CHANGED]);
      expect(group.objects[0]).toMatchObject({ key: 'k', sizeBytes: 20 });
      expect(await sinkBytes('k')).toBeUndefined();
      const second = groupOf(present(group.objects[0]));
      await copy(second);
      expect([...second.states]).toEqual([OBJECT_STATE.PUBLISHED]);
      expect(await sinkBytes('k')).toEqual(bytes);
    });

    test('fails an object whose source has gone, and no other', async () => {
      const gone = await plant('gone', randomBytes(10));
      const there = await plant('there', randomBytes(10));
      await under.source.delete('gone', never);
      const group = groupOf(gone, there);
      await copy(group);
      expect([...group.states]).toEqual([OBJECT_STATE.FAILED, OBJECT_STATE.PUBLISHED]);
      expect(group.failures.get(0)).toMatchObject({ code: Code.NOT_FOUND });
      expect(await under.leftovers()).toEqual([]);
    });

    test('knows afterwards what was published, and what was not', async () => {
      const copied = await plant('copied', randomBytes(10));
      const left = await plant('left', randomBytes(10));
      await copy(groupOf(copied));
      const next = another();
      expect(await next.isPublished({ ...copied, stagingName: '.~stx-test-x' })).toBe(true);
      expect(await next.isPublished({ ...left, stagingName: '.~stx-test-x' })).toBe(false);
    });

    test('copies a large object in slices, and shows nothing of it before it is published', async () => {
      const bytes = randomBytes(LARGE_BYTES);
      const object = await plant('d/large', bytes);
      const staged = await stage(largeOf(object));
      if (staged.kind === 'staged') {
        expect(await sinkBytes('d/large')).toBeUndefined();
        expect(await copier.publishLarge(staged.object)).toEqual({ kind: 'published' });
      }
      expect(staged.kind).toMatch(/staged|published/);
      expect((await sinkBytes('d/large'))?.equals(bytes)).toBe(true);
      expect(await under.leftovers()).toEqual([]);
    });

    test('goes on with a large object that an earlier attempt has begun', async () => {
      const bytes = randomBytes(LARGE_BYTES);
      const begun = largeOf(await plant('large', bytes));
      const half = await stageOneSlice(begun).catch(() => undefined);
      // Copied within the service: there are no slices.
      if (half === undefined) return;
      expect(half.stagedBytes).toBeGreaterThan(0);
      await copier.close();
      const next = another();
      const staged = await stage(half, next);
      if (staged.kind !== 'staged') throw new Error(staged.kind);
      expect(await next.publishLarge(staged.object)).toEqual({ kind: 'published' });
      expect((await sinkBytes('large'))?.equals(bytes)).toBe(true);
      expect(await under.leftovers()).toEqual([]);
    });

    test('goes on after its staging was lost, from the start', async () => {
      const bytes = randomBytes(LARGE_BYTES);
      const half = await stageOneSlice(largeOf(await plant('large', bytes))).catch(() => undefined);
      if (half === undefined) return;
      expect(await another().discardOne(half)).toBe(true);
      const next = another();
      const staged = await stage(half, next);
      if (staged.kind !== 'staged') throw new Error(staged.kind);
      expect(await next.publishLarge(staged.object)).toEqual({ kind: 'published' });
      expect((await sinkBytes('large'))?.equals(bytes)).toBe(true);
    });

    test('begins a large object anew whose source is another one now', async () => {
      const begun = largeOf(await plant('large', randomBytes(LARGE_BYTES)));
      const half = await stageOneSlice(begun).catch(() => undefined);
      if (half === undefined) return;
      const bytes = randomBytes(LARGE_BYTES + 5);
      await plant('large', bytes, MODIFY_TIME_MS + 5000);
      const outcome = await stage(half);
      if (outcome.kind !== 'changed') throw new Error(outcome.kind);
      expect(outcome.object).toMatchObject({ sizeBytes: LARGE_BYTES + 5, stagedBytes: 0 });
      if (copier.hasUploads) await copier.discardOne(half);
      const staged = await stage(outcome.object);
      if (staged.kind === 'staged') await copier.publishLarge(staged.object);
      expect((await sinkBytes('large'))?.equals(bytes)).toBe(true);
      expect(await under.leftovers()).toEqual([]);
    });

    test('removes what is staged, also after it was stopped', async () => {
      const begun = largeOf(await plant('large', randomBytes(LARGE_BYTES)));
      const half = await stageOneSlice(begun).catch(() => undefined);
      copier.stop();
      expect(await copier.discardOne(half ?? begun)).toBe(true);
      expect(await copier.discardOne(half ?? begun)).toBe(true);
      expect(await under.leftovers()).toEqual([]);
    });

    test('stops soon, and then knows of every object whether it is at the sink', async () => {
      const objects: PlannedObject[] = [];
      for (let index = 0; index < 60; index += 1) objects.push(await plant(`f${index}`, randomBytes(5000)));
      const group = groupOf(...objects);
      const copying = copy(group);
      setImmediate(() => {
        Atomics.store(word, 0, WORD.STOP);
        Atomics.notify(word, 0);
        copier.stop();
      });
      await copying;
      await copier.discard(group);
      for (const [index, { key }] of objects.entries()) {
        const isThere = (await sinkBytes(key)) !== undefined;
        expect([key, group.states[index]]).toEqual([key, isThere ? OBJECT_STATE.PUBLISHED : OBJECT_STATE.UNTOUCHED]);
      }
      expect(await under.leftovers()).toEqual([]);
    });

    test('does nothing after a stop, and says so', async () => {
      const object = await plant('k', randomBytes(10));
      const large = largeOf(await plant('large', randomBytes(LARGE_BYTES)));
      copier.stop();
      const group = groupOf(object);
      await copy(group);
      expect([...group.states]).toEqual([OBJECT_STATE.UNTOUCHED]);
      expect(await copier.stageSlice(large)).toEqual({ kind: 'staged', object: large });
      expect(await copier.publishLarge({ ...large, stagedBytes: large.sizeBytes })).toEqual({ kind: 'interrupted' });
      expect(await under.leftovers()).toEqual([]);
    });
  });
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += 65_536) yield bytes.subarray(offset, offset + 65_536);
}
