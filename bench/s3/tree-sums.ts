/** Looks at what should have come by itself: with nothing of the code that sent it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import type { Sum } from './summing-bucket.ts';

/** Of each file of a tree, by its path within it. */
export type TreeSums = ReadonlyMap<string, Sum>;

export function sumsOf(root: string): TreeSums {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      const bytes = readFileSync(path);
      return [relative(root, path), { sizeBytes: bytes.length, crc32c: crc32c(bytes) }];
    }),
  );
}

/** @throws Error naming an object that is missing, too many or different. */
export function assertSums(expected: TreeSums, found: TreeSums): void {
  for (const path of found.keys()) if (!expected.has(path)) throw new Error(`${path} was written, and is no file`);
  for (const [path, { sizeBytes, crc32c: sum }] of expected) {
    const object = found.get(path);
    if (object === undefined) throw new Error(`${path} was not written`);
    if (object.sizeBytes !== sizeBytes || object.crc32c !== sum) {
      const told = `${String(object.sizeBytes)} bytes with crc32c ${String(object.crc32c)}`;
      throw new Error(`${path} was written as ${told} instead of ${String(sizeBytes)} with ${String(sum)}`);
    }
  }
}
