import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { byteStringOf } from '../../src/transfers/byte-string.ts';
import type { ListPage, ObjectRecord, ObjectStore } from '../../src/transfers/object-store.ts';

/** A store to be tested, empty, and how to get rid of it. */
export interface StoreUnderTest {
  readonly store: ObjectStore;
  remove(): void;
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
export function objectStoreContract(name: string, open: () => StoreUnderTest): void {
  describe(`${name} as an ObjectStore`, () => {
    let under: StoreUnderTest;
    let store: ObjectStore;
    beforeEach(() => {
      under = open();
      store = under.store;
    });
    afterEach(async () => {
      await store.close();
      under.remove();
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
      expect(Math.abs((found?.modifyTimeMs ?? 0) - MODIFY_TIME_MS)).toBeLessThan(0.001);
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

    test('lists every key once, in the order of its bytes', async () => {
      const keys = ['a', 'a!', 'a-b', 'a.', 'a/b', 'a/b-c', 'a/b/c', 'a0', 'ab', '\u{1F600}', '\uFFFD', 'é', '~'].map(
        byteStringOf,
      );
      const objects = store.capabilities.hasDirectories ? keys.filter((key) => key !== 'a' && key !== 'a/b') : keys;
      for (const key of objects.toReversed()) await store.write(key, chunks('x'), { modifyTimeMs: 0, signal: never });
      const inOrder = objects.toSorted((a, b) => Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')));
      expect(await keysOf()).toEqual(inOrder);
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
  });
}
