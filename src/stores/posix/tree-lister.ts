import { fstatSync, lstatSync } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { ListPage } from '../../transfers/object-store.ts';
import type { KeyRanges } from '../../transfers/selection/key-ranges.ts';
import { ListingStopped, readNames } from './directory-names.ts';
import { DirectoryTree } from './directory-tree.ts';
import { failureOf } from './errno.ts';
import { filePath, pathIn } from './file-path.ts';
import { statNames, type FoundName } from './stat-names.ts';
import { isVanished, TreePage } from './tree-page.ts';
import { present } from '../../transfers/present.ts';

export interface TreeListerOptions {
  /** Descriptor of the root; stays the caller's. */
  readonly root: number;
  /** The same root's path: stats by path take half as long, see statNames. */
  readonly rootPath: ByteString;
  readonly prefix: ByteString;
  readonly startAfter: ByteString | undefined;
  /** See ListOptions. */
  readonly ranges: KeyRanges | undefined;
  readonly pageCountMax: number;
  readonly namesInMemoryMax: number;
  /** Even where the levels above have used up that budget, a directory is not read once for each name. */
  readonly namesPerDirectoryMin: number;
  readonly directoryDescriptorCountMax: number;
  readonly hasAttributes: boolean;
  /** Symbolic links are objects. */
  readonly hasLinks: boolean;
  /** Asked every few calls; nextPage() throws then. */
  readonly isStopped: () => boolean;
}

/** A directory on the way down: what is left of its names. */
interface Frame {
  readonly key: ByteString;
  names: ByteString[];
  index: number;
  hasMore: boolean;
}

/** Names looked at between two questions whether to go on: about 0.2 ms where nothing is cached badly. */
const STOP_INTERVAL = 64;

/**
 * Walks a tree depth first, each directory in byte order with a '/' behind directories' names: the keys come out in the order of
 * their bytes. Holds the names of the directories on the way down, no more than namesInMemoryMax together, and one page.
 */
export class TreeLister {
  readonly #options: TreeListerOptions;
  readonly #tree: DirectoryTree;
  readonly #stack: Frame[] = [];
  #isBegun = false;
  #page: TreePage;

  constructor(options: TreeListerOptions) {
    this.#options = options;
    this.#tree = new DirectoryTree(options.root, options.directoryDescriptorCountMax);
    this.#page = this.#newPage();
  }

  /** undefined at the end. @throws the system's error when the root cannot be listed, ListingStopped when it was stopped. */
  nextPage(): ListPage | undefined {
    this.#page = this.#newPage();
    if (!this.#isBegun) this.#begin();
    while (this.#stack.length > 0 && !this.#isPageFull) {
      if (this.#options.isStopped()) throw new ListingStopped('listing stopped');
      this.#step();
    }
    return this.#page.count === 0 ? undefined : this.#page.page;
  }

  close(): void {
    this.#tree.clear();
  }

  get #isPageFull(): boolean {
    return this.#page.count >= this.#options.pageCountMax;
  }

  #newPage(): TreePage {
    const { hasAttributes, hasLinks } = this.#options;
    return new TreePage({ tree: this.#tree, hasAttributes, hasLinks });
  }

  #begin(): void {
    this.#isBegun = true;
    this.#enter('');
  }

  #step(): void {
    const frame = present(this.#stack.at(-1));
    const name = frame.names[frame.index];
    if (name === undefined) {
      this.#leave(frame);
      return;
    }
    if (!name.endsWith('/')) {
      this.#listFiles(frame);
      return;
    }
    frame.index += 1;
    this.#enter(frame.key + name);
  }

  #enter(key: ByteString): void {
    const isNew = this.#isWanted(key);
    try {
      const { names, hasMore } = this.#read(key, '');
      if (isNew) this.#page.note({ kind: 'directory', key });
      this.#stack.push({ key, names, index: 0, hasMore });
    } catch (error) {
      if (key === '') throw error;
      this.#noteFailed(key, error);
    }
  }

  /** Its names are used up: reads on where it has more, else goes back to its parent. */
  #leave(frame: Frame): void {
    if (!frame.hasMore) {
      this.#stack.pop();
      return;
    }
    const last = frame.names.at(-1) ?? '';
    try {
      const { names, hasMore } = this.#read(frame.key, last);
      Object.assign(frame, { names, hasMore, index: 0 });
    } catch (error) {
      this.#stack.pop();
      this.#noteFailed(frame.key, error);
    }
  }

  /** Names behind `after` that are wanted, or lead to what is. */
  #read(key: ByteString, after: ByteString): { names: ByteString[]; hasMore: boolean } {
    const { prefix, startAfter = '', ranges, namesInMemoryMax } = this.#options;
    const isOpen = startAfter.startsWith(key) || prefix.startsWith(key);
    const isCut = ranges?.covers(key) === false;
    const accept = (name: ByteString): boolean =>
      name > after &&
      (!isOpen || this.#isWanted(key + name) || this.#leadsToWanted(key + name)) &&
      (!isCut || isWithin(ranges, key + name));
    const held = this.#stack.reduce((sum, frame) => sum + frame.names.length, 0);
    return readNames(
      this.#tree.open(key),
      Math.max(this.#options.namesPerDirectoryMin, namesInMemoryMax - held),
      accept,
      this.#options.isStopped,
    );
  }

  #isWanted(key: ByteString): boolean {
    const { prefix, startAfter } = this.#options;
    return key.startsWith(prefix) && (startAfter === undefined || key > startAfter);
  }

  #leadsToWanted(key: ByteString): boolean {
    if (!key.endsWith('/')) return false;
    const { prefix, startAfter } = this.#options;
    if (startAfter !== undefined && key <= startAfter && !startAfter.startsWith(key)) return false;
    return prefix.startsWith(key) || key.startsWith(prefix);
  }

  /** The files up to the next directory, as far as the page has room. */
  #listFiles(frame: Frame): void {
    const room = this.#options.pageCountMax - this.#page.count;
    const end = Math.min(frame.names.length, frame.index + Math.min(room, STOP_INTERVAL));
    const from = frame.index;
    let to = from;
    while (to < end && !present(frame.names[to]).endsWith('/')) to += 1;
    const stats = this.#stat(frame, from, to);
    frame.index = to;
    for (let index = from; index < to; index += 1) {
      const found = stats[index - from];
      if (found !== undefined) this.#page.put(frame.key + present(frame.names[index]), found);
    }
  }

  #stat(frame: Frame, from: number, to: number): readonly FoundName[] {
    const plain = this.#options.rootPath + '/' + frame.key;
    let directory: number;
    try {
      directory = this.#tree.open(frame.key);
    } catch (error) {
      return new Array<Error | undefined>(to - from).fill(isVanished(error) ? undefined : (error as Error));
    }
    if (isStillAt(directory, plain)) {
      const stats = statNames((name) => filePath(plain + name), frame.names, from, to);
      if (isStillAt(directory, plain)) return stats;
    }
    return statNames((name) => pathIn(directory, name), frame.names, from, to);
  }

  #noteFailed(key: ByteString, error: unknown): void {
    if (isVanished(error)) return;
    this.#page.note({ kind: 'directory-failed', key, cause: failureOf(error, 'list directory') });
  }
}

/** A directory leads to what is within it, whether or not its own name is. */
function isWithin(ranges: KeyRanges, key: ByteString): boolean {
  return key.endsWith('/') ? ranges.reaches(key) : ranges.has(key);
}

/** Whether a path leads to the directory that was opened safely: if so before and after, stats by path were of its files. */
function isStillAt(directory: number, path: ByteString): boolean {
  try {
    const opened = fstatSync(directory);
    const found = lstatSync(filePath(path.slice(0, -1)));
    return opened.ino === found.ino && opened.dev === found.dev;
  } catch {
    return false;
  }
}
