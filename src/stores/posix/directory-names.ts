import { lstatSync, opendirSync, readdirSync } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import { STAGING_PREFIX } from '../../transfers/staging-name.ts';
import { present } from '../../transfers/present.ts';
import { errnoOf } from './errno.ts';
import { pathIn } from './file-path.ts';

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
 * The first `countMax` names of an open directory, in byte order, each once, among those that `accept` lets pass.
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
  try {
    return smallestOf(typedNames(directory), countMax, accept, isStopped);
  } catch (error) {
    // It is the directory that has gone, or one name whose type Node looked up: only reading without types tells.
    if (errnoOf(error) !== 'ENOENT') throw error;
    return smallestOf(untypedNames(directory), countMax, accept, isStopped);
  }
}

/** All names, with a '/' behind those of directories. */
function* typedNames(directory: number): Generator<ByteString> {
  const handle = opendirSync(`/proc/self/fd/${directory}`, { encoding: 'latin1', bufferSize: BUFFER_COUNT });
  try {
    for (let entry = handle.readSync(); entry !== null; entry = handle.readSync()) {
      yield entry.isDirectory() ? `${entry.name}/` : entry.name;
    }
  } finally {
    handle.closeSync();
  }
}

/**
 * The same where the file system does not tell types with names (NFS, some FUSE ones, XFS without ftype). Node then looks each
 * up by its name as text, which misses names that are not ASCII, and gives up the directory for one that has gone meanwhile.
 * Holds all names of the directory at once.
 */
function* untypedNames(directory: number): Generator<ByteString> {
  for (const name of readdirSync(`/proc/self/fd/${directory}`, 'latin1')) {
    const isDirectory = lstatSync(pathIn(directory, name), { throwIfNoEntry: false })?.isDirectory() === true;
    yield isDirectory ? `${name}/` : name;
  }
}

function smallestOf(
  all: Iterable<ByteString>,
  countMax: number,
  accept: (name: ByteString) => boolean,
  isStopped: () => boolean,
): NamesPage {
  const names: ByteString[] = [];
  let bound: ByteString | undefined;
  let count = 0;
  for (const name of all) {
    if ((count += 1) % STOP_INTERVAL === 0 && isStopped()) throw new ListingStopped('listing stopped');
    if (bound !== undefined && name > bound) continue;
    if (!accept(name) || name.startsWith(STAGING_PREFIX)) continue;
    names.push(name);
    if (names.length >= countMax * 2) bound = keepSmallest(names, countMax);
  }
  const hasMore = bound !== undefined || names.length > countMax;
  if (names.length > countMax) keepSmallest(names, countMax);
  else sortOnce(names);
  return { names, hasMore };
}

function keepSmallest(names: ByteString[], count: number): ByteString {
  sortOnce(names);
  names.length = Math.min(names.length, count);
  return present(names.at(-1));
}

/**
 * Sorts, and drops what a directory that changes has told twice. The default order compares UTF-16 units, which for byte strings
 * are the bytes.
 */
function sortOnce(names: ByteString[]): void {
  names.sort();
  let count = 0;
  for (const name of names) if (count === 0 || name !== names[count - 1]) names[count++] = name;
  names.length = count;
}
