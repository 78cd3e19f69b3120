import { closeSync } from 'node:fs';
import { toBytes } from '../../transfers/byte-string.ts';
import { decodeGroupEntry } from '../../transfers/group-entry.ts';
import { StatusError } from '../../core/status-error.ts';
import { Code } from '../../core/code.ts';
import { DirectoryTree } from './directory-tree.ts';
import { errnoOf, isGone } from './errno.ts';
import { directoryOf } from './file-path.ts';
import { removeName } from './regular-file.ts';
import { openPlace, placeWithin, type PosixRoot } from './roots.ts';

const DESCRIPTOR_COUNT_MAX = 32;

/**
 * The janitor's part: removes what a journal entry of an operation that is done or gone has left at a sink.
 *
 * Safe to repeat, and safe after the sink itself has gone. Published objects are never touched: only staging names are.
 * @param value  the entry's bytes.
 * @returns how many files were removed. The entry may be removed from the journal then.
 * @throws StatusError when something could not be removed now (keep the entry, try again later) or the sink is outside the roots.
 */
export function cleanStaging(value: Uint8Array, roots: readonly PosixRoot[]): number {
  const { sinkRoot, objects } = decodeGroupEntry(value);
  const root = openSink(toBytes(sinkRoot).toString('utf8'), roots);
  if (root === undefined) return 0;
  const tree = new DirectoryTree(root, DESCRIPTOR_COUNT_MAX);
  try {
    let count = 0;
    for (const { key, stagingName } of objects) {
      if (isRemoved(tree, directoryOf(key), stagingName)) count += 1;
    }
    return count;
  } finally {
    tree.clear();
    closeSync(root);
  }
}

/** undefined when it has gone. */
function openSink(path: string, roots: readonly PosixRoot[]): number | undefined {
  try {
    return openPlace(placeWithin(path, roots), 'source');
  } catch (error) {
    if (error instanceof StatusError && error.code === Code.NOT_FOUND) return undefined;
    throw error;
  }
}

/** false when it, or its directory, has gone. */
function isRemoved(tree: DirectoryTree, directory: string, name: string): boolean {
  try {
    return removeName(tree.open(directory), name);
  } catch (error) {
    if (isGone(error)) return false;
    throw new StatusError(Code.UNAVAILABLE, `staging could not be removed: ${errnoOf(error) ?? 'unknown error'}`, {
      reason: 'STAGING_LEFT',
      cause: error,
    });
  }
}
