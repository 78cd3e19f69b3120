import { opendirSync } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import { STAGING_PREFIX } from '../../transfers/staging-name.ts';
import { present } from '../../transfers/present.ts';

export interface NamesPage {
  /** In byte order, directories with a '/' behind their names, staging hidden. */
  readonly names: ByteString[];
  /** There are more behind the last name; read them with `accept`. */
  readonly hasMore: boolean;
}

/** Entries fetched by one getdents; more only costs memory. */
const BUFFER_COUNT = 256;

/** Entries read between two questions whether to go on: about a millisecond. */
const STOP_INTERVAL = 1024;

/** Half a listing must not look like all of it. */
export class ListingStopped extends Error {
  override readonly name = 'ListingStopped';
}

/**
 * The first `countMax` names of an open directory, in byte order, among those that `accept` lets pass.
 *
 * Memory is bounded by countMax: of a larger directory only the smallest names are kept, and the next page reads it once more.
 * Sorting runs to disk would save those passes and cost temporary files; a million names are four passes of 0.7 s.
 * @throws ListingStopped soon after `isStopped` says so.
 */
export function readNames(
  directory: number,
  countMax: number,
  accept: (name: ByteString) => boolean,
  isStopped: () => boolean,
): NamesPage {
  const names: ByteString[] = [];
  let bound: ByteString | undefined;
  const handle = opendirSync(`/proc/self/fd/${directory}`, { encoding: 'latin1', bufferSize: BUFFER_COUNT });
  try {
    let count = 0;
    for (let entry = handle.readSync(); entry !== null; entry = handle.readSync()) {
      if ((count += 1) % STOP_INTERVAL === 0 && isStopped()) throw new ListingStopped('listing stopped');
      const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
      if (bound !== undefined && name > bound) continue;
      if (!accept(name) || name.startsWith(STAGING_PREFIX)) continue;
      names.push(name);
      if (names.length >= countMax * 2) bound = keepSmallest(names, countMax);
    }
  } finally {
    handle.closeSync();
  }
  const hasMore = bound !== undefined || names.length > countMax;
  if (names.length > countMax) keepSmallest(names, countMax);
  else sortBytes(names);
  return { names, hasMore };
}

function keepSmallest(names: ByteString[], count: number): ByteString {
  sortBytes(names);
  names.length = count;
  return present(names[count - 1]);
}

/** The default order compares UTF-16 units, which for byte strings are the bytes. */
function sortBytes(names: ByteString[]): void {
  names.sort();
}
