import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '../../../src/core/code.ts';
import { pageOfRecords } from '../../../src/transfers/page-of-records.ts';
import { sortingStore, type SortingOptions } from '../../../src/stores/decorators/sorting-store.ts';
import { MemoryStore } from '../../../src/stores/memory/memory-store.ts';
import type { ObjectRecord } from '../../../src/transfers/object-record.ts';
import type { ListOptions, ListPage } from '../../../src/transfers/object-store.ts';
import { KeyRanges } from '../../../src/transfers/selection/key-ranges.ts';
import { objectStoreContract } from '../../contract/object-store.contract.ts';
import { text } from './flaky-store.ts';

const never = new AbortController().signal;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sorting-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Lists backwards, and each key once more. */
class BackwardStore extends MemoryStore {
  override readonly capabilities = { ...new MemoryStore().capabilities, listsInByteOrder: false };

  override async *list(prefix: string, options: ListOptions): AsyncGenerator<ListPage> {
    const pages: ListPage[] = [];
    for await (const page of super.list(prefix, options)) pages.push(page);
    for (const page of pages.toReversed()) {
      const records = page.keys.map((key, index) => recordAt(page, key, index)).reverse();
      yield pageOfRecords(records);
      yield pageOfRecords(records.slice(0, 1));
    }
  }
}

function recordAt(page: ListPage, key: string, index: number): ObjectRecord {
  const { sizesBytes, modifyTimesMs, crc32cs = [], md5s = [], etags = [], metadata = [] } = page;
  const given = { crc32c: crc32cs[index], md5: md5s[index], etag: etags[index], metadata: metadata[index] };
  const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { key, sizeBytes: sizesBytes[index] ?? NaN, modifyTimeMs: modifyTimesMs[index] ?? NaN, ...told };
}

const options = (more: Partial<SortingOptions> = {}): SortingOptions => ({
  directory,
  sortRunCountMax: 7,
  sortRunsMax: 200,
  sortedPageCountMax: 5,
  ...more,
});

async function recordsFrom(store: MemoryStore | ReturnType<typeof sortingStore>): Promise<ObjectRecord[]> {
  const records: ObjectRecord[] = [];
  for await (const page of store.list('', { signal: never })) {
    records.push(...page.keys.map((key, index) => recordAt(page, key, index)));
  }
  return records;
}

objectStoreContract('A store that lists backwards, sorted', () => {
  const own = mkdtempSync(join(tmpdir(), 'sorting-'));
  return {
    store: sortingStore(new BackwardStore(), options({ directory: own, sortRunCountMax: 2 })),
    remove: () => rmSync(own, { recursive: true, force: true }),
  };
});

describe('a listing out of order', () => {
  test('comes in order, each key once, with all that was told of it, whatever the sizes of runs', async () => {
    const keys = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 9 }), async (texts, sortRunCountMax) => {
        const plain = new MemoryStore();
        const backward = new BackwardStore();
        for (const each of texts) {
          const key = Buffer.from(each).toString('latin1');
          const more = { modifyTimeMs: key.length + 0.5, metadata: { custom: { a: each } }, signal: never };
          for (const store of [plain, backward]) await store.write(key, text('x'), more);
        }
        const sorted = sortingStore(backward, options({ sortRunCountMax }));
        expect(await recordsFrom(sorted)).toEqual(await recordsFrom(plain));
        expect(readdirSync(directory)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('of ranges asks for their prefixes once each, and holds nothing else', async () => {
    const backward = new BackwardStore();
    for (const key of ['a/1', 'a/x/1', 'a/x/2', 'a/y', 'b', 'c/1', 'c/2', 'd'])
      await backward.write(key, text('x'), { modifyTimeMs: 0, signal: never });
    const asked: string[] = [];
    const list = backward.list.bind(backward);
    backward.list = (prefix, of) => {
      asked.push(prefix);
      return list(prefix, of);
    };
    const ranges = new KeyRanges(['c/', 'a/'], ['a/x/', 'c/2']);
    const keys: string[] = [];
    for await (const page of sortingStore(backward, options({ sortRunCountMax: 2 })).list('', {
      ranges,
      signal: never,
    }))
      keys.push(...page.keys);
    expect(keys).toEqual(['a/1', 'a/y', 'c/1']);
    expect(asked).toEqual(['a/', 'c/']);
  });

  test('leaves no file behind when its reader stops, or it is aborted', async () => {
    const backward = new BackwardStore();
    for (let index = 0; index < 40; index += 1)
      await backward.write(`k${index}`, text('x'), { modifyTimeMs: 0, signal: never });
    const sorted = sortingStore(backward, options());
    for await (const _ of sorted.list('', { signal: never })) {
      expect(readdirSync(directory)).toHaveLength(1);
      break;
    }
    expect(readdirSync(directory)).toEqual([]);
    const abort = new AbortController();
    const listing = (async () => {
      for await (const _ of sorted.list('', { signal: abort.signal })) abort.abort(new Error('enough'));
    })();
    await expect(listing).rejects.toThrow('enough');
    expect(readdirSync(directory)).toEqual([]);
  });

  test('that is too large to be sorted fails, and says what to do', async () => {
    const backward = new BackwardStore();
    for (let index = 0; index < 40; index += 1)
      await backward.write(`k${index}`, text('x'), { modifyTimeMs: 0, signal: never });
    const listing = recordsFrom(sortingStore(backward, options({ sortRunsMax: 2 })));
    await expect(listing).rejects.toMatchObject({
      code: Code.RESOURCE_EXHAUSTED,
      info: { reason: 'LISTING_TOO_LARGE' },
    });
    expect(readdirSync(directory)).toEqual([]);
  });
});

test('a store that lists in order is left as it is', () => {
  const store = new MemoryStore();
  expect(sortingStore(store, options())).toBe(store);
});
