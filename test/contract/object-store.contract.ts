import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { crc32c } from '@node-rs/crc32';
import { Code } from '../../src/core/code.ts';
import { attributePairs } from '../../src/transfers/attribute-pairs.ts';
import { byteStringOf } from '../../src/transfers/byte-string.ts';
import type { ObjectRecord } from '../../src/transfers/object-record.ts';
import type { ListPage, ObjectStore } from '../../src/transfers/object-store.ts';
import type { ObjectUploads, Upload, UploadPart } from '../../src/transfers/object-uploads.ts';
import { KeyRanges } from '../../src/transfers/selection/key-ranges.ts';
import { lookUp } from '../../src/transfers/selection/look-up.ts';
import { listRanges } from '../../src/transfers/selection/list-ranges.ts';

const EACH_ATTRIBUTE = { mode: true, uid: true, gid: true, symlinks: true };

/** A store to be tested, empty, and how to get rid of it. */
export interface StoreUnderTest {
  readonly store: ObjectStore;
  remove(): void | Promise<void>;
}

const never = new AbortController().signal;
const MODIFY_TIME_MS = 1.6e12 + 0.25;

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of body) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts).toString();
}

/** What every ObjectStore promises; a promise added to its comment is added here. */
export function objectStoreContract(name: string, open: () => StoreUnderTest | Promise<StoreUnderTest>): void {
  describe(`${name} as an ObjectStore`, () => {
    let under: StoreUnderTest;
    let store: ObjectStore;
    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(async () => {
      await store.close();
      await under.remove();
    });

    const put = (key: string, text = key): Promise<ObjectRecord> =>
      store.write(byteStringOf(key), chunks(text), { modifyTimeMs: MODIFY_TIME_MS, signal: never });

    async function keysOf(prefix = '', startAfter?: string): Promise<string[]> {
      const keys: string[] = [];
      const options = { signal: never, ...(startAfter === undefined ? {} : { startAfter }) };
      for await (const page of store.list(prefix, options)) keys.push(...page.keys);
      return keys;
    }

    test('shows a written object with its size and time, to the microsecond', async () => {
      const written = await put('a/b', 'hello');
      const found = await store.stat('a/b', never);
      expect(found).toMatchObject({ key: 'a/b', sizeBytes: 5 });
      if (!store.capabilities.assignsModifyTime) {
        expect(Math.abs((found?.modifyTimeMs ?? 0) - MODIFY_TIME_MS)).toBeLessThan(0.001);
      }
      expect(written).toMatchObject({ key: 'a/b', sizeBytes: 5 });
      expect(await textOf(store.read('a/b', { signal: never }))).toBe('hello');
    });

    test('has no object where there is none', async () => {
      await put('a/b');
      expect(await store.stat('a', never)).toBeUndefined();
      expect(await store.stat('a/b/c', never)).toBeUndefined();
      expect(await store.stat('x/y/z', never)).toBeUndefined();
      expect(await store.delete('x/y', never)).toBe(false);
      await expect(textOf(store.read('x', { signal: never }))).rejects.toMatchObject({ code: Code.NOT_FOUND });
    });

    test('reads from an offset, and nothing behind the end', async () => {
      await put('k', 'hello');
      expect(await textOf(store.read('k', { offsetBytes: 3, signal: never }))).toBe('lo');
      expect(await textOf(store.read('k', { offsetBytes: 5, signal: never }))).toBe('');
    });

    test('reads a range', async () => {
      await put('k', 'hello');
      expect(await textOf(store.read('k', { offsetBytes: 1, lengthBytes: 3, signal: never }))).toBe('ell');
      expect(await textOf(store.read('k', { offsetBytes: 3, lengthBytes: 30, signal: never }))).toBe('lo');
      expect(await textOf(store.read('k', { lengthBytes: 0, signal: never }))).toBe('');
    });

    test('holds an empty object', async () => {
      await put('k', '');
      expect(await store.stat('k', never)).toMatchObject({ sizeBytes: 0 });
      expect(await textOf(store.read('k', { signal: never }))).toBe('');
      expect(await keysOf()).toEqual(['k']);
    });

    test('tells what it reads before the first byte', async () => {
      await put('k', 'hello');
      const found = await store.stat('k', never);
      const told: ObjectRecord[] = [];
      const reading = store.read('k', { signal: never, onRecord: (record) => told.push(record) });
      expect(await textOf(reading)).toBe('hello');
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({ key: 'k', sizeBytes: 5 });
      expect(told[0]?.etag).toBe(found?.etag);
    });

    test('lists ranges of keys, and goes on behind the last key that can begin with a prefix', async () => {
      for (const key of ['a/1', 'a/é', 'a0', 'b', 'b/x/1', 'b/y', 'c']) await put(key.replace(/^b$/, 'b-'));
      const listing = async (ranges: KeyRanges, startAfter?: string): Promise<string[]> => {
        const options = {
          signal: never,
          ...(startAfter === undefined ? {} : { startAfter: byteStringOf(startAfter) }),
        };
        const keys: string[] = [];
        for await (const page of listRanges(store, ranges, options)) keys.push(...page.keys);
        return keys;
      };
      expect(await listing(new KeyRanges(['b', 'a/'], ['b/x/']))).toEqual(['a/1', byteStringOf('a/é'), 'b-', 'b/y']);
      expect(await listing(new KeyRanges([], ['b']), 'a/\u{10ffff}')).toEqual(['a0', 'c']);
      expect(await listing(new KeyRanges(['nothing/'], []))).toEqual([]);
    });

    test('looks up keys as a listing would tell of them, and leaves out those that it does not have', async () => {
      for (const key of ['a/1', 'a/é', 'b', 'c/d']) await put(key);
      const keys = ['a', 'a/1', 'a/1/x', 'a/é', 'b', 'c', 'c/none', 'd'].map(byteStringOf);
      const {
        keys: found,
        sizesBytes,
        modifyTimesMs,
        notes,
      } = await lookUp(store, keys, { inFlightMax: 3, signal: never });
      expect([found, notes]).toEqual([['a/1', 'a/é', 'b'].map(byteStringOf), []]);
      const listed = new Map<string, readonly [sizeBytes: number | undefined, modifyTimeMs: number | undefined]>();
      for await (const page of store.list('', { signal: never })) {
        for (const [index, key] of page.keys.entries()) {
          listed.set(key, [page.sizesBytes[index], page.modifyTimesMs[index]]);
        }
      }
      for (const [index, key] of found.entries()) {
        const [sizeBytes, modifyTimeMs = NaN] = listed.get(key) ?? [undefined, undefined];
        expect(sizesBytes[index]).toBe(sizeBytes);
        // The answer to a HEAD has whole seconds.
        expect(Math.abs((modifyTimesMs[index] ?? NaN) - modifyTimeMs)).toBeLessThan(1000);
      }
    });

    test('tells true hashes, where it tells any', async () => {
      await put('k', 'hello');
      const found = await store.stat('k', never);
      if (found?.crc32c !== undefined) expect(found.crc32c).toBe(0x9a71bb4c);
      if (found?.md5 !== undefined) expect(found.md5).toBe('5d41402abc4b2a76b9719d911017c592');
      for await (const { crc32cs = [], md5s = [] } of store.list('', { signal: never })) {
        for (const crc32c of crc32cs) expect([undefined, 0x9a71bb4c]).toContain(crc32c);
        for (const md5 of md5s) expect([undefined, '5d41402abc4b2a76b9719d911017c592']).toContain(md5);
      }
    });

    test('gives another etag to each replacement, where it has etags', async () => {
      await put('k', 'first');
      const first = await store.stat('k', never);
      await put('k', 'other');
      const second = await store.stat('k', never);
      if (first?.etag === undefined) return;
      expect(second?.etag).not.toBe(first.etag);
      const reading = textOf(store.read('k', { expect: first, signal: never }));
      await expect(reading).rejects.toMatchObject({
        code: Code.FAILED_PRECONDITION,
        info: { reason: 'OBJECT_CHANGED' },
      });
      for await (const { etags } of store.list('', { signal: never })) expect(etags).toEqual([second?.etag]);
    });

    test('refuses a body of another length than the one announced, and writes nothing', async () => {
      for (const sizeBytes of [4, 6]) {
        const writing = store.write('k', chunks('he', 'llo'), { modifyTimeMs: 0, sizeBytes, signal: never });
        await expect(writing).rejects.toMatchObject({ code: Code.DATA_LOSS });
      }
      expect(await keysOf()).toEqual([]);
    });

    test('keeps metadata, where it says so', async () => {
      const custom = { hero: 'née 1', ...attributePairs({ mode: 0o4755, uid: 4321, gid: 1234 }, EACH_ATTRIBUTE) };
      const metadata = { contentType: 'text/x-tale', cacheControl: 'no-store', custom };
      await store.write('k', chunks('x'), { modifyTimeMs: 0, metadata, signal: never });
      const found = await store.stat('k', never);
      if (!store.capabilities.hasMetadata) {
        expect(found?.metadata).toBeUndefined();
        return;
      }
      expect(found?.metadata).toMatchObject(metadata);
      for await (const { metadata: listed } of store.list('', { signal: never })) {
        if (store.capabilities.listsMetadata) expect(listed?.[0]).toMatchObject(metadata);
      }
    });

    test('writes only where nothing is, when that is asked and can be', async () => {
      if (!store.capabilities.preconditions.includes('absent')) return;
      const precondition = { kind: 'absent' } as const;
      await store.write('k', chunks('first'), { modifyTimeMs: 0, precondition, signal: never });
      const writing = store.write('k', chunks('second'), { modifyTimeMs: 0, precondition, signal: never });
      await expect(writing).rejects.toMatchObject({
        code: Code.FAILED_PRECONDITION,
        info: { reason: 'OBJECT_CHANGED' },
      });
      expect(await textOf(store.read('k', { signal: never }))).toBe('first');
    });

    test('replaces only the object that is expected, when that is asked and can be', async () => {
      if (!store.capabilities.preconditions.includes('etag')) return;
      await put('k', 'first');
      const { etag = '' } = (await store.stat('k', never)) ?? {};
      const replace = (text: string): Promise<ObjectRecord> =>
        store.write('k', chunks(text), { modifyTimeMs: 0, precondition: { kind: 'etag', etag }, signal: never });
      await replace('second');
      await expect(replace('third')).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
      expect(await textOf(store.read('k', { signal: never }))).toBe('second');
    });

    test('deletes only the object that is expected, when that is asked', async () => {
      await put('k', 'first');
      const first = await store.stat('k', never);
      await put('k', 'the second');
      if (first === undefined) throw new Error('it was not written');
      const deleting = store.delete('k', never, { expect: first });
      await expect(deleting).rejects.toMatchObject({
        code: Code.FAILED_PRECONDITION,
        info: { reason: 'OBJECT_CHANGED' },
      });
      const second = await store.stat('k', never);
      expect(second).toMatchObject({ sizeBytes: 10 });
      if (second !== undefined) expect(await store.delete('k', never, { expect: second })).toBe(true);
      expect(await store.stat('k', never)).toBeUndefined();
      expect(await store.delete('k', never, { expect: first })).toBe(false);
    });

    test('refuses to read another object than the one expected', async () => {
      const record = await put('k', 'hello');
      expect(await textOf(store.read('k', { expect: record, signal: never }))).toBe('hello');
      const reading = textOf(store.read('k', { expect: { ...record, sizeBytes: 6 }, signal: never }));
      await expect(reading).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
    });

    test('replaces a whole object', async () => {
      await put('k', 'a long first version');
      await put('k', 'short');
      expect(await textOf(store.read('k', { signal: never }))).toBe('short');
      expect(await keysOf()).toEqual(['k']);
    });

    test('shows the old object when a write fails half-way, and leaves nothing behind', async () => {
      await put('k', 'old');
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('new');
        throw new Error('source broke');
      }
      const writing = store.write('k', failing(), { modifyTimeMs: 0, signal: never });
      await expect(writing).rejects.toThrow('source broke');
      expect(await textOf(store.read('k', { signal: never }))).toBe('old');
      expect(await keysOf()).toEqual(['k']);
    });

    test('an abort stops a write with the reason, and nothing is written', async () => {
      const abort = new AbortController();
      async function* aborting(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('a');
        abort.abort(new Error('enough'));
        yield Buffer.from('b');
      }
      const writing = store.write('k', aborting(), { modifyTimeMs: 0, signal: abort.signal });
      await expect(writing).rejects.toThrow('enough');
      expect(await keysOf()).toEqual([]);
    });

    test('an abort stops a listing with the reason', async () => {
      await put('k');
      const abort = AbortSignal.abort(new Error('enough'));
      const listing = store.list('', { signal: abort })[Symbol.asyncIterator]();
      await expect(listing.next()).rejects.toThrow('enough');
    });

    test('deletes', async () => {
      await put('a/b');
      expect(await store.delete('a/b', never)).toBe(true);
      expect(await store.stat('a/b', never)).toBeUndefined();
    });

    test('lists every key once, in the order of its bytes where it says so', async () => {
      const keys = ['a', 'a!', 'a-b', 'a.', 'a/b', 'a/b-c', 'a/b/c', 'a0', 'ab', '\u{1F600}', '\uFFFD', 'é', '~'].map(
        byteStringOf,
      );
      const objects = store.capabilities.hasDirectories ? keys.filter((key) => key !== 'a' && key !== 'a/b') : keys;
      for (const key of objects.toReversed()) await store.write(key, chunks('x'), { modifyTimeMs: 0, signal: never });
      const inOrder = objects.toSorted((a, b) => Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')));
      const listed = await keysOf();
      expect(store.capabilities.listsInByteOrder ? listed : listed.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
        inOrder,
      );
    });

    test('lists only what begins with the prefix', async () => {
      for (const key of ['a/b/c', 'a/bc', 'ab', 'b']) await put(key);
      expect(await keysOf('a/b')).toEqual(['a/b/c', 'a/bc']);
      expect(await keysOf('a/b/')).toEqual(['a/b/c']);
    });

    test('lists only what sorts behind startAfter, which need not exist', async () => {
      for (const key of ['a/b', 'a/c/d', 'a/c/e', 'b']) await put(key);
      expect(await keysOf('', 'a/c/d')).toEqual(['a/c/e', 'b']);
      expect(await keysOf('', 'a/c')).toEqual(['a/c/d', 'a/c/e', 'b']);
      expect(await keysOf('', 'a0')).toEqual(['b']);
      expect(await keysOf('', 'b')).toEqual([]);
    });

    test('lists the attributes of objects beside their keys where it has them, and only when asked', async () => {
      for (const key of ['a/b', 'c', 'd']) await put(key);
      const pagesOf = async (hasAttributes: boolean): Promise<ListPage[]> => {
        const pages: ListPage[] = [];
        for await (const page of store.list('', { signal: never, hasAttributes })) pages.push(page);
        return pages;
      };
      const told = await pagesOf(store.capabilities.hasAttributes);
      for (const { keys, attributes = [] } of told) {
        expect(attributes).toHaveLength(store.capabilities.hasAttributes ? keys.length : 0);
        for (const { mode } of attributes) expect(mode & ~0o7777).toBe(0);
      }
      for (const { attributes = [] } of await pagesOf(false)) expect(attributes).toEqual([]);
    });

    test('tells of each object that it is no link when links are asked for, where it has them', async () => {
      for (const key of ['a/b', 'c']) await put(key);
      for await (const { keys, linkTargets } of store.list('', { signal: never, hasLinks: true })) {
        expect(linkTargets).toEqual(store.capabilities.hasLinks ? keys.map(() => undefined) : undefined);
      }
    });

    test('keeps keys of any bytes, where it says so', async () => {
      if (!store.capabilities.acceptsAnyBytes) return;
      const key = 'd\xff/\xfe\x01';
      await store.write(key, chunks('x'), { modifyTimeMs: 0, signal: never });
      expect(await keysOf()).toEqual([key]);
      expect(await store.stat(key, never)).toMatchObject({ key });
    });

    describe('in parts, where it can', () => {
      const part = (store_: ObjectUploads, index: number): Buffer =>
        Buffer.alloc(Math.max(store_.rules.partSizeBytesMin, store_.rules.partSizeGrainBytes), 97 + index);

      async function stage(
        uploads: ObjectUploads,
        key: string,
        count: number,
      ): Promise<[Upload, UploadPart[], Buffer]> {
        const bodies = Array.from({ length: count }, (_, index) => part(uploads, index)).with(-1, Buffer.from('end'));
        const whole = Buffer.concat(bodies);
        const metadata = { contentType: 'text/x-tale', custom: { hero: 'a' } };
        const upload = await uploads.begin(key, { modifyTimeMs: 0, sizeBytes: whole.length, metadata, signal: never });
        const parts: UploadPart[] = [];
        let offsetBytes = 0;
        for (const [index, bytes] of bodies.entries()) {
          parts.push(await uploads.putPart(upload, { index, offsetBytes, bytes }, never));
          offsetBytes += bytes.length;
        }
        return [upload, parts, whole];
      }

      async function openUploads(uploads: ObjectUploads): Promise<string[]> {
        const ids: string[] = [];
        if (uploads.list !== undefined) for await (const { id } of uploads.list('', never)) ids.push(id);
        return ids;
      }

      test('shows an object only when its upload is completed', async () => {
        const { uploads } = store;
        if (uploads === undefined) return;
        const [upload, parts, whole] = await stage(uploads, 'k', 3);
        expect(await store.stat('k', never)).toBeUndefined();
        expect(await keysOf()).toEqual([]);
        const record = await uploads.complete(upload, parts, { crc32c: crc32c(whole), signal: never });
        expect(record).toMatchObject({ key: 'k', sizeBytes: whole.length });
        expect(await textOf(store.read('k', { signal: never }))).toBe(whole.toString());
        const found = await store.stat('k', never);
        expect(found).toMatchObject({ sizeBytes: whole.length });
        if (store.capabilities.hasMetadata) expect(found?.metadata).toMatchObject({ contentType: 'text/x-tale' });
        expect(await openUploads(uploads)).toEqual([]);
      });

      test('leaves nothing of an upload that is aborted', async () => {
        const { uploads } = store;
        if (uploads === undefined) return;
        const [upload, parts] = await stage(uploads, 'k', 2);
        expect(await uploads.abort(upload, never)).toBe(true);
        expect(await openUploads(uploads)).toEqual([]);
        await expect(uploads.complete(upload, parts, { signal: never })).rejects.toMatchObject({
          code: Code.NOT_FOUND,
        });
        expect(await uploads.abort(upload, never)).toBe(false);
        expect(await keysOf()).toEqual([]);
      });

      test('goes on with an upload by its key and id alone', async () => {
        const { uploads } = store;
        if (uploads === undefined) return;
        const [{ key, id }, parts, whole] = await stage(uploads, 'd/k', 2);
        const again = parts.map((each) => ({ ...each }));
        await uploads.complete({ key, id }, again, { signal: never });
        expect(await store.stat('d/k', never)).toMatchObject({ sizeBytes: whole.length });
      });

      test('completes only where nothing is, when that is asked and can be', async () => {
        const { uploads } = store;
        if (uploads === undefined || !store.capabilities.preconditions.includes('absent')) return;
        const metadata = { custom: {} };
        const precondition = { kind: 'absent' } as const;
        const options = { modifyTimeMs: 0, sizeBytes: 3, metadata, precondition, signal: never };
        const upload = await uploads.begin('k', options);
        const only = await uploads
          .putPart(upload, { index: 0, offsetBytes: 0, bytes: Buffer.from('new') }, never)
          .catch((error: unknown) => error as Error);
        await put('k', 'old');
        const completing =
          only instanceof Error
            ? Promise.reject(only)
            : uploads.complete(upload, [only], { precondition, signal: never });
        if (uploads.rules.isSequential) {
          // Its last byte may be the completion.
          await completing.catch(() => undefined);
          return;
        }
        await expect(completing).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
        expect(await textOf(store.read('k', { signal: never }))).toBe('old');
      });
    });
  });
}
