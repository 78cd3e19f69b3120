import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import type { ObjectRecord } from '../../src/transfers/object-record.ts';
import type { ObjectStore } from '../../src/transfers/object-store.ts';
import type { StoreUnderTest } from './object-store.contract.ts';

/** A store that holds given objects, below a prefix of its keys. */
export interface ReadOnlyStoreUnderTest extends StoreUnderTest {
  readonly prefix: string;
}

const never = new AbortController().signal;

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of body) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts).toString();
}

/** What an ObjectStore that only reads promises: all of ObjectStore but what writes, which it refuses. */
export function readOnlyStoreContract(
  name: string,
  open: (objects: Readonly<Record<string, string>>) => Promise<ReadOnlyStoreUnderTest>,
): void {
  describe(`${name} as an ObjectStore to read`, () => {
    const objects = { 'a-b': 'dash', 'a/b': 'hello', 'a/c/d': '', a0: 'nought', b: 'be' };
    let under: ReadOnlyStoreUnderTest;
    let store: ObjectStore;
    let at: (key: string) => string;
    beforeEach(async () => {
      under = await open(objects);
      store = under.store;
      at = (key) => under.prefix + key;
    });
    afterEach(async () => {
      await store.close();
      await under.remove();
    });

    async function keysOf(prefix: string, startAfter?: string): Promise<string[]> {
      const keys: string[] = [];
      const options = { signal: never, ...(startAfter === undefined ? {} : { startAfter: at(startAfter) }) };
      for await (const page of store.list(at(prefix), options)) keys.push(...page.keys);
      return keys.map((key) => key.slice(under.prefix.length));
    }

    test('shows its objects with their sizes', async () => {
      expect(await store.stat(at('a/b'), never)).toMatchObject({ key: at('a/b'), sizeBytes: 5 });
      expect(await store.stat(at('a/c/d'), never)).toMatchObject({ sizeBytes: 0 });
    });

    test('has no object where there is none', async () => {
      for (const key of ['a', 'a/b/c', 'x']) expect(await store.stat(at(key), never)).toBeUndefined();
      await expect(textOf(store.read(at('x'), { signal: never }))).rejects.toMatchObject({ code: Code.NOT_FOUND });
    });

    test('lists every key once, in the order of its bytes, with its size', async () => {
      const sizes: number[] = [];
      for await (const page of store.list('', { signal: never })) sizes.push(...page.sizesBytes);
      expect(await keysOf('')).toEqual(Object.keys(objects));
      expect(sizes).toEqual(Object.values(objects).map((text) => text.length));
    });

    test('lists only what begins with the prefix, and sorts behind startAfter, which need not exist', async () => {
      expect(await keysOf('a/')).toEqual(['a/b', 'a/c/d']);
      expect(await keysOf('a/', 'a/b')).toEqual(['a/c/d']);
      expect(await keysOf('', 'a/c')).toEqual(['a/c/d', 'a0', 'b']);
      expect(await keysOf('a/', 'a')).toEqual(['a/b', 'a/c/d']);
      expect(await keysOf('', 'b')).toEqual([]);
    });

    test('reads objects, and ranges of them, and nothing behind the end', async () => {
      const read = (key: string, range: object = {}): Promise<string> =>
        textOf(store.read(at(key), { ...range, signal: never }));
      expect(await read('a/b')).toBe('hello');
      expect(await read('a/c/d')).toBe('');
      expect(await read('a/b', { offsetBytes: 3 })).toBe('lo');
      expect(await read('a/b', { offsetBytes: 1, lengthBytes: 3 })).toBe('ell');
      expect(await read('a/b', { offsetBytes: 3, lengthBytes: 30 })).toBe('lo');
      expect(await read('a/b', { offsetBytes: 5 })).toBe('');
      expect(await read('a/b', { lengthBytes: 0 })).toBe('');
    });

    test('tells what it reads before the first byte, of empty objects and ranges, too', async () => {
      for (const [key, range] of [
        ['a/b', {}],
        ['a/c/d', {}],
        ['a/b', { lengthBytes: 0 }],
        ['a/b', { offsetBytes: 5 }],
      ] as const) {
        const told: ObjectRecord[] = [];
        await textOf(store.read(at(key), { ...range, signal: never, onRecord: (record) => told.push(record) }));
        expect(told).toMatchObject([{ key: at(key) }]);
      }
    });

    test('refuses to read another object than the one expected', async () => {
      const record = await store.stat(at('a/b'), never);
      if (record === undefined) throw new Error('it is not there');
      expect(await textOf(store.read(at('a/b'), { expect: record, signal: never }))).toBe('hello');
      const reading = textOf(store.read(at('a/b'), { expect: { ...record, sizeBytes: 6 }, signal: never }));
      await expect(reading).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
    });

    test('an abort stops a listing, a stat and a read with the reason', async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(store.list('', { signal })[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
      await expect(store.stat(at('a/b'), signal)).rejects.toThrow('enough');
      await expect(textOf(store.read(at('a/b'), { signal }))).rejects.toThrow('enough');
    });

    test('refuses to write and to delete, and says why', async () => {
      const refusal = { code: Code.UNIMPLEMENTED, info: { reason: 'STORE_READ_ONLY' } };
      const writing = store.write(at('n'), once('x'), { modifyTimeMs: 0, signal: never });
      await expect(writing).rejects.toMatchObject(refusal);
      await expect(store.delete(at('a/b'), never)).rejects.toMatchObject(refusal);
      expect(store.uploads).toBeUndefined();
    });
  });
}
