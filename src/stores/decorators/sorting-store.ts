import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { ListOptions, ListPage, ObjectStore } from '../../transfers/object-store.ts';
import { DecoratedStore } from './decorated-store.ts';
import { pageOfRecords, recordsOf } from '../../transfers/page-of-records.ts';
import { RecordSorter, type RecordSorterOptions } from './record-sorter.ts';
import type { StoreCalls } from './store-calls.ts';

export interface SortingOptions extends Omit<RecordSorterOptions<ObjectRecord>, 'what' | 'compare'> {
  /** Objects of a page that is handed out. */
  readonly sortedPageCountMax: number;
}

/**
 * Lists in the order of bytes what lists in another; one that does already stays as it is.
 *
 * Nothing is handed out before the last object was listed: what a merge takes for missing it would delete.
 */
export function sortingStore(inner: ObjectStore, options: SortingOptions): ObjectStore {
  if (inner.capabilities.listsInByteOrder) return inner;
  return new DecoratedStore(inner, new SortingCalls(options), {
    ...inner.capabilities,
    listsInByteOrder: true,
    // A listing that has to be sorted must not begin anew behind each hole.
    listsRanges: true,
  });
}

/** What is asked for: only what lies within the ranges. */
function prefixesWithin(prefix: ByteString, { ranges }: ListOptions): readonly ByteString[] {
  if (ranges?.covers(prefix) ?? true) return [prefix];
  const within = ranges?.prefixes.filter((each) => each.startsWith(prefix)) ?? [];
  return within.length === 0 && ranges?.reaches(prefix) === true ? [prefix] : within;
}

function withoutRanges({ ranges: _, ...options }: ListOptions): ListOptions {
  return options;
}

class SortingCalls implements StoreCalls {
  readonly #options: SortingOptions;

  constructor(options: SortingOptions) {
    this.#options = options;
  }

  async *list(inner: ObjectStore, prefix: ByteString, options: ListOptions): AsyncGenerator<ListPage> {
    const sorter = new RecordSorter<ObjectRecord>({ ...this.#options, what: 'a listing' });
    try {
      for (const each of prefixesWithin(prefix, options)) {
        for await (const page of inner.list(each, withoutRanges(options))) {
          for (const record of recordsOf(page)) {
            if (options.ranges?.has(record.key) ?? true) await sorter.add(record);
          }
        }
      }
      yield* this.#pages(sorter, options.signal);
    } finally {
      await sorter.close();
    }
  }

  async *#pages(sorter: RecordSorter<ObjectRecord>, signal: AbortSignal): AsyncGenerator<ListPage> {
    let records: ObjectRecord[] = [];
    for await (const record of sorter.sorted()) {
      records.push(record);
      if (records.length < this.#options.sortedPageCountMax) continue;
      signal.throwIfAborted();
      yield pageOfRecords(records);
      records = [];
    }
    signal.throwIfAborted();
    if (records.length > 0) yield pageOfRecords(records);
  }
}
