import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { ListNote, ListOptions, ListPage, ObjectStore } from '../../transfers/object-store.ts';
import { DecoratedStore } from './decorated-store.ts';
import { pageOfRecords, recordsOf } from '../../transfers/page-of-records.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import { withNotes } from '../../transfers/selection/with-notes.ts';
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

/** What is sorted: an object, or one of which the listing tells only that it cannot be read. A merge would take it for missing. */
type ListedRow = ObjectRecord & { readonly failure?: FailureCause };

function* rowsOf(page: ListPage): Generator<ListedRow> {
  yield* recordsOf(page);
  for (const note of page.notes) {
    if (note.kind === 'object-failed') yield { key: note.key, sizeBytes: 0, modifyTimeMs: 0, failure: note.cause };
  }
}

function pageOfRows(rows: readonly ListedRow[]): ListPage {
  const notes = rows.flatMap(({ key, failure }): ListNote[] =>
    failure === undefined ? [] : [{ kind: 'object-failed', key, cause: failure }],
  );
  return withNotes(pageOfRecords(rows.filter(({ failure }) => failure === undefined)), notes);
}

class SortingCalls implements StoreCalls {
  readonly #options: SortingOptions;

  constructor(options: SortingOptions) {
    this.#options = options;
  }

  async *list(inner: ObjectStore, prefix: ByteString, options: ListOptions): AsyncGenerator<ListPage> {
    const sorter = new RecordSorter<ListedRow>({ ...this.#options, what: 'a listing' });
    try {
      for (const each of prefixesWithin(prefix, options)) {
        for await (const page of inner.list(each, withoutRanges(options))) {
          for (const record of rowsOf(page)) {
            if (options.ranges?.has(record.key) ?? true) await sorter.add(record);
          }
        }
      }
      yield* this.#pages(sorter, options.signal);
    } finally {
      await sorter.close();
    }
  }

  async *#pages(sorter: RecordSorter<ListedRow>, signal: AbortSignal): AsyncGenerator<ListPage> {
    let records: ListedRow[] = [];
    for await (const record of sorter.sorted()) {
      records.push(record);
      if (records.length < this.#options.sortedPageCountMax) continue;
      signal.throwIfAborted();
      yield pageOfRows(records);
      records = [];
    }
    signal.throwIfAborted();
    if (records.length > 0) yield pageOfRows(records);
  }
}
