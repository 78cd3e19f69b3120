import { byteStringOf, type ByteString } from '../byte-string.ts';
import type { ListOptions, ListPage, ObjectStore } from '../object-store.ts';
import type { KeyRanges } from './key-ranges.ts';
import { pageWithin } from './page-within.ts';

/** No text sorts behind it, so that an excluded prefix with it behind sorts behind all keys that begin with that prefix. */
const LAST_TEXT = byteStringOf('\u{10ffff}');

/** A service may refuse a key that is longer than its keys can be. */
const KEY_BYTES_MAX = 1024;

/**
 * What a store lists of these ranges, in the order of keys, and of no other: each range is asked for by its prefix, and a hole
 * that a whole page lies in is stepped over.
 *
 * @param ranges  all keys, where it is undefined.
 */
export async function* listRanges(
  store: Pick<ObjectStore, 'list' | 'capabilities'>,
  ranges: KeyRanges | undefined,
  options: Omit<ListOptions, 'ranges'>,
): AsyncGenerator<ListPage> {
  if (ranges === undefined) {
    yield* store.list('', options);
  } else if (store.capabilities.listsRanges === true) {
    yield* store.list('', { ...options, ranges });
  } else {
    for (const prefix of ranges.prefixes) {
      if (isBehind(prefix, options.startAfter)) yield* listPrefix(store, prefix, ranges, options);
    }
  }
}

async function* listPrefix(
  store: Pick<ObjectStore, 'list'>,
  prefix: ByteString,
  ranges: KeyRanges,
  options: Omit<ListOptions, 'ranges'>,
): AsyncGenerator<ListPage> {
  let position = options;
  for (;;) {
    let next: ByteString | undefined;
    for await (const page of store.list(prefix, position)) {
      const kept = pageWithin(page, ranges);
      if (kept.keys.length + kept.notes.length > 0) yield kept;
      else next = endOfHole(page, ranges);
      if (next !== undefined) break;
    }
    if (next === undefined) return;
    position = { ...options, startAfter: next };
  }
}

/** Where to list on when a page had nothing that is wanted; undefined when its last key is no hole's. */
function endOfHole({ keys }: ListPage, ranges: KeyRanges): ByteString | undefined {
  const last = keys.at(-1);
  const hole = last === undefined ? undefined : ranges.holeAt(last);
  if (last === undefined || hole === undefined) return undefined;
  const end = hole + LAST_TEXT;
  return end.length <= KEY_BYTES_MAX && end > last ? end : last;
}

/** Whether keys that begin with the prefix come behind `startAfter`. */
function isBehind(prefix: ByteString, startAfter: ByteString | undefined): boolean {
  return startAfter === undefined || prefix > startAfter || startAfter.startsWith(prefix);
}
