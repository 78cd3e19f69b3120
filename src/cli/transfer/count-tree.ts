import { lstatSync, opendirSync, type Dir, type Dirent } from 'node:fs';

/** What a tree holds, as far as it has been looked at. */
export interface TreeCount {
  /** Regular files: what a transfer copies. */
  readonly count: number;
  readonly bytes: number;
}

/** Names of a directory read at a time: memory stays small however large it is. */
const BUFFER_SIZE = 1024;
/** Entries between two of the counts that are told. */
const STEP = 2000;

const SLASH = Buffer.from('/');

/**
 * Counts the regular files of a tree and their bytes, telling the count so far on the way and the whole one last.
 *
 * Synchronous, for a thread of its own: several times as fast as promises. Paths are bytes, as not every name is UTF-8. What cannot be read,
 * or has gone meanwhile, counts nothing: the transfer itself says what is wrong with it.
 */
export function* countTree(root: string): Generator<TreeCount, void> {
  const directories: Buffer[] = [Buffer.from(root)];
  let [count, bytes, seen] = [0, 0, 0];
  for (let path = directories.pop(); path !== undefined; path = directories.pop()) {
    for (const { name, isDirectory } of entriesOf(path)) {
      const child = Buffer.concat([path, SLASH, name]);
      if (isDirectory) directories.push(child);
      const size = isDirectory ? undefined : fileSize(child);
      if (size !== undefined) [count, bytes] = [count + 1, bytes + size];
      seen += 1;
      if (seen % STEP === 0) yield { count, bytes };
    }
  }
  yield { count, bytes };
}

interface Entry {
  readonly name: Buffer;
  readonly isDirectory: boolean;
}

function* entriesOf(path: Buffer): Generator<Entry> {
  const directory = opened(path);
  if (directory === undefined) return;
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      // Node's type knows names as texts only.
      const { name } = entry as unknown as Dirent<Buffer>;
      if (entry.isDirectory() || entry.isFile() || isUntyped(entry)) yield { name, isDirectory: entry.isDirectory() };
    }
  } finally {
    directory.closeSync();
  }
}

/** Some file systems tell no types: then the size does, as only regular files have one here. */
function isUntyped(entry: Dirent): boolean {
  return !(
    entry.isSymbolicLink() ||
    entry.isFIFO() ||
    entry.isSocket() ||
    entry.isBlockDevice() ||
    entry.isCharacterDevice()
  );
}

function opened(path: Buffer): Dir | undefined {
  try {
    return opendirSync(path, { encoding: 'buffer' as BufferEncoding, bufferSize: BUFFER_SIZE });
  } catch {
    return undefined;
  }
}

/** Undefined for what is no regular file, or has gone. */
function fileSize(path: Buffer): number | undefined {
  try {
    const status = lstatSync(path);
    return status.isFile() ? status.size : undefined;
  } catch {
    return undefined;
  }
}
