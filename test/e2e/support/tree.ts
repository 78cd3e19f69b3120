import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomOf } from '../../support/tree.ts';
import { fillerOf } from './random.ts';

const MIB = 1024 * 1024;

/** What begins the names of files that no reader may ever take for copies. */
const STAGING_PREFIX = '.~stx-';

export interface TreeShape {
  readonly seed: number;
  readonly smallCount: number;
  /** Names of large files; in the order of keys the small ones lie below `m/`. */
  readonly largeNames: readonly string[];
  readonly largeSizeBytes: number;
}

export interface TreeTotals {
  readonly fileCount: number;
  readonly sizeBytes: number;
}

/** Writes a tree of small files of 0 to 8 KiB, 100 to a directory, and large ones at the top; all of it follows from the seed. */
export function writeTree(root: string, { seed, smallCount, largeNames, largeSizeBytes }: TreeShape): TreeTotals {
  const content: Content = { random: randomOf(seed), fill: fillerOf(seed) };
  let sizeBytes = 0;
  for (let index = 0; index < smallCount; index += 1) sizeBytes += writeSmall(smallPath(root, index), content);
  mkdirSync(root, { recursive: true });
  for (const name of largeNames) sizeBytes += writeLarge(join(root, name), largeSizeBytes, content);
  return { fileCount: smallCount + largeNames.length, sizeBytes };
}

interface Content {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly fill: (buffer: Buffer) => Buffer;
}

/** Where the small file with this index is; indexes are in the order of keys. */
export function smallPath(root: string, index: number): string {
  const directory = Math.floor(index / 100);
  return join(root, 'm', digits(Math.floor(directory / 20), 2), digits(directory, 4), `file-${digits(index, 6)}.bin`);
}

function digits(number: number, count: number): string {
  return String(number).padStart(count, '0');
}

function writeSmall(path: string, { random, fill }: Content): number {
  const sizeBytes = Math.floor(random() * 8193);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, fill(Buffer.alloc(sizeBytes)));
  setTime(path, random);
  return sizeBytes;
}

function writeLarge(path: string, sizeBytes: number, { random, fill }: Content): number {
  const chunk = Buffer.alloc(4 * MIB);
  const file = openSync(path, 'w');
  for (let offset = 0; offset < sizeBytes; offset += chunk.length) {
    writeSync(file, fill(chunk), 0, Math.min(chunk.length, sizeBytes - offset));
  }
  // Else a test's syncs would first have to wait until this is written.
  fsyncSync(file);
  closeSync(file);
  setTime(path, random);
  return sizeBytes;
}

/** Some time of two past years, with its fraction: a copy that keeps it is told from one that was written now. */
function setTime(path: string, random: () => number): void {
  const timeS = 1_735_689_600 + random() * 63_072_000;
  utimesSync(path, timeS, timeS);
}

/** Everything about a file that writing it, or putting another in its place, would change. */
export type Stamp = string;

interface Entry {
  readonly sizeBytes: bigint;
  readonly modifyTimeNs: bigint;
  readonly stamp: Stamp;
}

/** All files below the directory by relative path, staging files too; none when there is no such directory. */
function entriesOf(root: string): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const path of filesOf(root)) {
    const { size, mtimeNs, ino, ctimeNs } = lstatSync(join(root, path), { bigint: true });
    entries.set(path, { sizeBytes: size, modifyTimeNs: mtimeNs, stamp: `${ino}:${size}:${mtimeNs}:${ctimeNs}` });
  }
  return entries;
}

function filesOf(root: string): readonly string[] {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath.slice(root.length + 1), entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The state of a tree, to be compared with `toEqual`: two are equal only when nothing was touched in between. */
export function snapshotOf(root: string): Readonly<Record<string, Stamp>> {
  return Object.fromEntries([...entriesOf(root)].map(([path, { stamp }]) => [path, stamp]));
}

/** Names of staging files that are still there. */
export function leftoversIn(root: string): readonly string[] {
  return filesOf(root).filter((path) => (path.split('/').at(-1) ?? '').startsWith(STAGING_PREFIX));
}

/** How many files a reader of the tree finds. */
export function copiesIn(root: string): TreeTotals {
  const staged = new Set(leftoversIn(root));
  const entries = [...entriesOf(root)].filter(([path]) => !staged.has(path));
  return {
    fileCount: entries.length,
    sizeBytes: entries.reduce((sum, [, { sizeBytes }]) => sum + Number(sizeBytes), 0),
  };
}

/**
 * Compares a copy with its source, file by file and byte for byte, by reading both: independent of anything the engine says.
 *
 * A directory may be watched over time: a file is read again only when its stamp has changed.
 */
export class TreeComparison {
  readonly #source: string;
  readonly #sink: string;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #whole = new Map<string, Stamp>();

  /** The source must not change any more. */
  constructor(source: string, sink: string) {
    this.#source = source;
    this.#sink = sink;
    this.#entries = entriesOf(source);
  }

  /** What is wrong with files under their final names at the sink; files that are missing are not. */
  torn(): readonly string[] {
    const problems: string[] = [];
    const staged = new Set(leftoversIn(this.#sink));
    for (const [path, entry] of entriesOf(this.#sink)) {
      if (staged.has(path) || this.#whole.get(path) === entry.stamp) continue;
      const problem = this.#problemOf(path, entry);
      if (problem === undefined) this.#whole.set(path, entry.stamp);
      else problems.push(`${path}: ${problem}`);
    }
    return problems;
  }

  /** What keeps the trees from being equal. */
  differences(): readonly string[] {
    const copies = entriesOf(this.#sink);
    const missing = [...this.#entries.keys()].filter((path) => !copies.has(path)).map((path) => `${path}: is missing`);
    return [...this.torn(), ...missing, ...leftoversIn(this.#sink).map((path) => `${path}: is left over`)];
  }

  #problemOf(path: string, copy: Entry): string | undefined {
    const original = this.#entries.get(path);
    if (original === undefined) return 'is not in the source';
    if (copy.sizeBytes !== original.sizeBytes) return `has ${copy.sizeBytes} bytes of ${original.sizeBytes}`;
    // What float seconds can say: TRANSFER.md §2.12 takes times within 1 µs for equal.
    const differenceNs = copy.modifyTimeNs - original.modifyTimeNs;
    if (differenceNs > 1000n || differenceNs < -1000n) return `differs in its time by ${differenceNs} ns`;
    return sameBytes(join(this.#source, path), join(this.#sink, path)) ? undefined : 'differs in its bytes';
  }
}

const buffers = [Buffer.allocUnsafe(4 * MIB), Buffer.allocUnsafe(4 * MIB)] as const;

function sameBytes(left: string, right: string): boolean {
  const files = [openSync(left, 'r'), openSync(right, 'r')] as const;
  try {
    for (;;) {
      const lengths = [readSync(files[0], buffers[0]), readSync(files[1], buffers[1])] as const;
      if (lengths[0] !== lengths[1]) return false;
      if (lengths[0] === 0) return true;
      if (!buffers[0].subarray(0, lengths[0]).equals(buffers[1].subarray(0, lengths[1]))) return false;
    }
  } finally {
    files.forEach(closeSync);
  }
}
