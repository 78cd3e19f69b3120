import type { ByteString } from '../byte-string.ts';
import type { ListPage } from '../object-store.ts';
import type { KeyRanges } from './key-ranges.ts';

/** The part of a page whose keys belong to the ranges; the page itself where that is all of it. */
export function pageWithin(page: ListPage, ranges: KeyRanges): ListPage {
  return partOf(page, (key) => ranges.has(key));
}

/** The part of a page that is not about these keys. */
export function withoutKeys(page: ListPage, keys: ReadonlySet<ByteString>): ListPage {
  return partOf(page, (key) => !keys.has(key));
}

function partOf(page: ListPage, isWanted: (key: ByteString) => boolean): ListPage {
  const wanted = page.keys.map(isWanted);
  const kept = page.notes.map(({ key }) => isWanted(key));
  if (!wanted.includes(false) && !kept.includes(false)) return page;
  const pick = <T>(column: readonly T[]): readonly T[] => column.filter((_, index) => wanted[index]);
  const countBefore = wantedCounts(wanted);
  return {
    keys: pick(page.keys),
    sizesBytes: pick(page.sizesBytes),
    modifyTimesMs: pick(page.modifyTimesMs),
    ...(page.crc32cs === undefined ? {} : { crc32cs: pick(page.crc32cs) }),
    ...(page.md5s === undefined ? {} : { md5s: pick(page.md5s) }),
    ...(page.etags === undefined ? {} : { etags: pick(page.etags) }),
    ...(page.metadata === undefined ? {} : { metadata: pick(page.metadata) }),
    ...(page.versions === undefined ? {} : { versions: pick(page.versions) }),
    ...(page.attributes === undefined ? {} : { attributes: pick(page.attributes) }),
    ...(page.linkTargets === undefined ? {} : { linkTargets: pick(page.linkTargets) }),
    notes: page.notes.filter((_, index) => kept[index]),
    noteIndexes: page.noteIndexes.filter((_, index) => kept[index]).map((index) => countBefore[index] ?? 0),
  };
}

/** How many records are wanted before each index, and before the end. */
function wantedCounts(wanted: readonly boolean[]): readonly number[] {
  const counts = [0];
  for (const isWanted of wanted) counts.push((counts.at(-1) ?? 0) + (isWanted ? 1 : 0));
  return counts;
}
