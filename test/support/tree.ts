import { createCipheriv, createHash } from 'node:crypto';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';

/** Bytes of a path below a root, as text of one character each. */
export type TreePath = string;

export interface TreeFile {
  readonly path: TreePath;
  readonly sizeBytes: number;
}

export interface TreeOptions {
  readonly fileCount: number;
  /** Files in one directory, on average. */
  readonly directoryFileCount?: number;
  /** Sizes are 0 to this, small ones more often. */
  readonly sizeBytesMax?: number;
  /** Names that break naive code: not UTF-8, sorting around '/', very long, with spaces and line ends. */
  readonly hasOddNames?: boolean;
}

/** A generator of numbers in [0, 1) that a seed repeats (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Files as a seed says: the same seed and options, the same tree, byte for byte and to the modification times. */
export function plantTree(root: string, seed: number, options: TreeOptions): readonly TreeFile[] {
  const random = randomOf(seed);
  const { fileCount, directoryFileCount = 20, sizeBytesMax = 8192, hasOddNames = true } = options;
  const directories = plantDirectories(root, random, Math.ceil(fileCount / directoryFileCount), hasOddNames);
  const files: TreeFile[] = [];
  for (let index = 0; index < fileCount; index += 1) {
    const directory = pick(directories, random);
    const path = `${directory}${fileName(index, random, hasOddNames)}`;
    const sizeBytes = Math.floor(random() ** 3 * (sizeBytesMax + 1));
    plantFile(root, path, { sizeBytes, seed: seed + index, modifyTimeMs: 1.5e12 + random() * 2e11 });
    files.push({ path, sizeBytes });
  }
  return files;
}

/** One file, there at once as a whole; its content is a function of the seed and nothing else. */
export function plantFile(
  root: string,
  path: TreePath,
  { sizeBytes, seed = 1, modifyTimeMs = 1.6e12 + 0.123 }: { sizeBytes: number; seed?: number; modifyTimeMs?: number },
): void {
  const target = toPath(root, path);
  const isMount = lstatSync(root).dev !== lstatSync(`${root}/..`).dev;
  // Beside the root, where nothing walks; nothing is renamed from one file system to another.
  const planting = isMount ? target : `${root}.planting`;
  writeFileSync(planting, contentOf(sizeBytes, seed));
  utimesSync(planting, modifyTimeMs / 1000, modifyTimeMs / 1000);
  renameSync(planting, target);
}

function contentOf(sizeBytes: number, seed: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeInt32LE(seed | 0);
  const block = createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(Math.min(sizeBytes, 65_536)));
  const content = Buffer.allocUnsafe(sizeBytes);
  for (let offset = 0; offset < sizeBytes; offset += block.length) {
    block.copy(content, offset);
    // No two blocks of a file are alike, so that one in the wrong place is noticed.
    content.writeUInt8((offset / 65_536) % 256, offset);
  }
  return content;
}

function plantDirectories(
  root: string,
  random: () => number,
  count: number,
  hasOddNames: boolean,
): readonly TreePath[] {
  mkdirSync(root, { recursive: true });
  const directories: TreePath[] = [''];
  for (let index = 1; index < count; index += 1) {
    const path = `${pick(directories, random)}${hasOddNames ? oddName(index, random) : `dir-${index}`}/`;
    mkdirSync(toPath(root, path));
    directories.push(path);
  }
  return directories;
}

function fileName(index: number, random: () => number, hasOddNames: boolean): TreePath {
  return hasOddNames && random() < 0.5 ? oddName(index, random) : `file-${index}`;
}

/** Names around '/' in byte order, beyond UTF-16's order, not UTF-8, and long; the index keeps them apart. */
const ODD_PARTS = [
  'a',
  'a-',
  'a.',
  'a!',
  'a0',
  '\xff\xfe',
  '\xef\xbf\xbd',
  '\xf0\x9f\x98\x80',
  ' ',
  'x\ny',
  '~',
  '#?%',
  'é',
];

function oddName(index: number, random: () => number): TreePath {
  const part = pick(ODD_PARTS, random);
  return random() < 0.02 ? `${part}${index}${'n'.repeat(200)}` : `${part}${index}`;
}

function pick<T>(values: readonly T[], random: () => number): T {
  return values[Math.floor(random() * values.length)] as T;
}

/** Where a path of bytes is, for calls of node:fs. */
export function toPath(root: string, path: TreePath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
}

/** What a walk finds at a path. */
export interface TreeEntry {
  readonly kind: 'file' | 'directory' | 'other';
  readonly sizeBytes: number;
  readonly modifyTimeMs: number;
  /** sha256 of a file's content; '' for anything else. */
  readonly digest: string;
}

/** Every path below the root but the directories' own, read and hashed here, by nothing that it is to judge. */
export function readTree(root: string): ReadonlyMap<TreePath, TreeEntry> {
  const entries = new Map<TreePath, TreeEntry>();
  walk(root, '', (path, entry) => entries.set(path, entry));
  return entries;
}

function walk(root: string, directory: TreePath, visit: (path: TreePath, entry: TreeEntry) => void): void {
  for (const name of readdirSync(toPath(root, directory), { encoding: 'latin1' })) {
    const path = directory + name;
    const stats = lstatSync(toPath(root, path));
    if (stats.isDirectory()) {
      walk(root, `${path}/`, visit);
      continue;
    }
    const kind = stats.isFile() ? 'file' : 'other';
    const digest = kind === 'file' ? digestOf(toPath(root, path)) : '';
    visit(path, { kind, sizeBytes: stats.size, modifyTimeMs: stats.mtimeMs, digest });
  }
}

/** Mode, uid and gid of everything below the root, and of the root itself under ``, as text: `100640 1:2`. Links are not followed. */
export function readAttributes(root: string): ReadonlyMap<TreePath, string> {
  const attributes = new Map<TreePath, string>();
  const visit = (path: TreePath): void => {
    const stats = lstatSync(toPath(root, path));
    attributes.set(path, `${stats.mode.toString(8)} ${stats.uid}:${stats.gid}`);
    if (!stats.isDirectory()) return;
    for (const name of readdirSync(toPath(root, path), { encoding: 'latin1' })) {
      visit(path === '' ? name : `${path}/${name}`);
    }
  };
  visit('');
  return attributes;
}

function digestOf(path: Buffer): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(1024 * 1024);
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

export interface TreeComparison {
  /** Files of both that hold the same bytes and have the same time. */
  readonly equalCount: number;
  readonly missing: readonly TreePath[];
  readonly extra: readonly TreePath[];
  /** Content or time differs. */
  readonly different: readonly TreePath[];
  /** Staging files of a transfer that are still there. */
  readonly leftovers: readonly TreePath[];
}

/** Compares the files of two trees; directories without files do not count. */
export function compareTrees(sourceRoot: string, sinkRoot: string): TreeComparison {
  const source = readTree(sourceRoot);
  const sink = readTree(sinkRoot);
  const files = [...source].filter(([, { kind }]) => kind === 'file');
  const isDifferent = ([path, entry]: [TreePath, TreeEntry]): boolean => {
    const other = sink.get(path);
    if (other === undefined) return false;
    return other.digest !== entry.digest || Math.abs(other.modifyTimeMs - entry.modifyTimeMs) > 0.0015;
  };
  const missing = files.filter(([path]) => !sink.has(path)).map(([path]) => path);
  const different = files.filter(isDifferent).map(([path]) => path);
  const leftovers = [...sink.keys()].filter(isLeftover);
  return {
    equalCount: files.length - missing.length - different.length,
    missing,
    extra: [...sink.keys()].filter((path) => source.get(path)?.kind !== 'file' && !isLeftover(path)),
    different,
    leftovers,
  };
}

function isLeftover(path: TreePath): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith('.~stx-');
}

/** The staging files below a root. */
export function listLeftovers(root: string): readonly TreePath[] {
  return [...readTree(root).keys()].filter(isLeftover);
}
