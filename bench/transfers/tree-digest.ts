/** Looks at a copied tree by itself: with nothing of the code that copied it. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Each file's size, modification time and SHA-256, by its path within the tree. Times are left out where they need not be kept. */
export type TreeDigest = ReadonlyMap<string, string>;

const CHUNK = Buffer.alloc(2 ** 20);

interface DigestOptions {
  readonly hasTimes: boolean;
}

const ALL: DigestOptions = { hasTimes: true };

export function digestOf(root: string, { hasTimes }: DigestOptions = ALL): TreeDigest {
  const digest = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = statSync(path);
    const time = hasTimes ? String(Math.round(mtimeMs)) : 'any time';
    digest.set(relative(root, path), `${String(size)} ${time} ${hashOf(path)}`);
  }
  return digest;
}

/** @throws Error naming a file that is missing, too many or different. */
export function assertSame(expected: TreeDigest, root: string, options: DigestOptions = ALL): void {
  const found = digestOf(root, options);
  assertPartOf(expected, found);
  for (const path of expected.keys()) if (!found.has(path)) throw new Error(`${path} is missing in ${root}`);
}

/** That whatever is there is whole and equal. @throws Error naming a file that is too many or different. */
export function assertPartOf(expected: TreeDigest, found: TreeDigest): void {
  for (const [path, what] of found) {
    const wanted = expected.get(path);
    if (wanted === undefined) throw new Error(`${path} was left behind`);
    if (wanted !== what) throw new Error(`${path} is not what its source is: ${what} instead of ${wanted}`);
  }
}

function hashOf(path: string): string {
  const hash = createHash('sha256');
  const descriptor = openSync(path, 'r');
  for (let count = readSync(descriptor, CHUNK); count > 0; count = readSync(descriptor, CHUNK)) {
    hash.update(CHUNK.subarray(0, count));
  }
  closeSync(descriptor);
  return hash.digest('hex');
}
