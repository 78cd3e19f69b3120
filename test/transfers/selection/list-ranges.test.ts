import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryStore } from '../../../src/stores/memory/memory-store.ts';
import { byteStringOf } from '../../../src/transfers/byte-string.ts';
import type { ListOptions, ListPage, ObjectStore } from '../../../src/transfers/object-store.ts';
import { KeyRanges } from '../../../src/transfers/selection/key-ranges.ts';
import { listRanges } from '../../../src/transfers/selection/list-ranges.ts';

const never = new AbortController().signal;
const { capabilities } = new MemoryStore();

interface Asked {
  readonly prefix: string;
  readonly startAfter: string | undefined;
}

/** These keys in pages of three, as a bucket lists them; `asked` and `told` say what was asked of it, and what it told. */
class PagedKeys implements Pick<ObjectStore, 'list' | 'capabilities'> {
  readonly capabilities = capabilities;
  readonly #keys: readonly string[];
  readonly asked: Asked[] = [];
  readonly told: string[] = [];

  constructor(keys: readonly string[]) {
    this.#keys = [...new Set(keys)].toSorted();
  }

  async *list(prefix: string, { startAfter }: ListOptions): AsyncGenerator<ListPage> {
    this.asked.push({ prefix, startAfter });
    const keys = this.#keys.filter((key) => key.startsWith(prefix) && (startAfter === undefined || key > startAfter));
    for (let index = 0; index < keys.length; index += 3) {
      const page = keys.slice(index, index + 3);
      this.told.push(...page);
      const zeros = page.map(() => 0);
      yield { keys: page, sizesBytes: zeros, modifyTimesMs: zeros, etags: page, notes: [], noteIndexes: [] };
    }
  }
}

async function listed(store: PagedKeys, ranges: KeyRanges | undefined, startAfter?: string): Promise<string[]> {
  const keys: string[] = [];
  const options = { signal: never, ...(startAfter === undefined ? {} : { startAfter }) };
  for await (const page of listRanges(store, ranges, options)) {
    expect(page.etags).toEqual(page.keys);
    expect(page.sizesBytes).toHaveLength(page.keys.length);
    keys.push(...page.keys);
  }
  return keys;
}

const unit = fc.constantFrom('!', '/', 'a', 'b', byteStringOf('é'), byteStringOf('\u{10ffff}'));
const key = fc.string({ unit, minLength: 1, maxLength: 5 });
const prefixes = fc.array(fc.string({ unit, minLength: 1, maxLength: 3 }), { maxLength: 4 });

test('a bucket is listed by prefix, and yields what a naive filter would, in order, from anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(key, { maxLength: 60 }),
      prefixes,
      prefixes,
      fc.option(key, { nil: undefined }),
      async (keys, includes, excludes, startAfter) => {
        const ranges = new KeyRanges(includes, excludes);
        const expected = [...new Set(keys)]
          .filter((each) => includes.length === 0 || includes.some((prefix) => each.startsWith(prefix)))
          .filter((each) => !excludes.some((prefix) => each.startsWith(prefix)))
          .filter((each) => startAfter === undefined || each > startAfter)
          .toSorted();
        expect(await listed(new PagedKeys(keys), ranges, startAfter)).toEqual(expected);
      },
    ),
    { numRuns: 400 },
  );
});

describe('a listing of ranges', () => {
  const numbered = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);

  test('asks for nothing that lies outside of the prefixes', async () => {
    const store = new PagedKeys([...numbered('a/', 50), ...numbered('b/', 4), ...numbered('c/', 50), 'd']);
    expect(await listed(store, new KeyRanges(['d', 'b/'], []))).toEqual([...numbered('b/', 4), 'd']);
    expect(store.told).toEqual([...numbered('b/', 4), 'd']);
  });

  test('steps over what is excluded as soon as a page holds nothing else', async () => {
    const store = new PagedKeys(['a', ...numbered('b/', 300), 'b0', 'c']);
    expect(await listed(store, new KeyRanges([], ['b/']))).toEqual(['a', 'b0', 'c']);
    expect(store.told.length).toBeLessThan(15);
    expect(store.asked).toHaveLength(2);
  });

  test('leaves out the prefixes that end before the place where it begins', async () => {
    const store = new PagedKeys([...numbered('a/', 5), ...numbered('b/', 5), ...numbered('c/', 5)]);
    const ranges = new KeyRanges(['a/', 'b/', 'c/'], []);
    expect(await listed(store, ranges, 'b/002')).toEqual(['b/003', 'b/004', ...numbered('c/', 5)]);
    expect(store.asked.map(({ prefix }) => prefix)).toEqual(['b/', 'c/']);
  });

  test('without ranges is the listing', async () => {
    const store = new PagedKeys(numbered('a', 10));
    expect(await listed(store, undefined)).toEqual(numbered('a', 10));
  });
});
