import type { ByteString } from '../byte-string.ts';
import type { ListNote, ListPage } from '../object-store.ts';
import { withoutKeys } from './page-within.ts';

/**
 * A page with notes about further keys, in their places; what it had of those keys goes.
 *
 * @param notes  in the order of keys.
 */
export function withNotes(page: ListPage, notes: readonly ListNote[]): ListPage {
  if (notes.length === 0) return page;
  const rest = withoutKeys(page, new Set(notes.map(({ key }) => key)));
  const merged = [...rest.notes, ...notes].sort((a, b) => (a.key < b.key ? -1 : 1));
  return { ...rest, notes: merged, noteIndexes: placesOf(merged, rest.keys) };
}

/** Before which record each note stands. */
function placesOf(notes: readonly ListNote[], keys: readonly ByteString[]): readonly number[] {
  let index = 0;
  return notes.map(({ key }) => {
    while (index < keys.length && (keys[index] ?? '') < key) index += 1;
    return index;
  });
}
