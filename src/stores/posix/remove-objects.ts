import { fsyncSync, lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import { Code } from '../../core/code.ts';
import { isSameTime } from '../../transfers/delta.ts';
import type { DoomedObject, RemoveOutcome } from '../../transfers/removal.ts';
import { causeOf, withRetries, type CopyContext } from './copy-context.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { errnoOf, isGone, ObjectError } from './errno.ts';
import { directoryOf, nameOf, pathIn } from './file-path.ts';

export interface RemoveBatchOutcome {
  /** By index; shorter than the batch after STOP. */
  readonly outcomes: readonly RemoveOutcome[];
  /** Those that have lost a name, and are still there. */
  readonly directories: readonly ByteString[];
}

/** Removes files and links of one tree, until STOP, each only while it is the one that was listed. */
export function removeObjects(
  context: CopyContext,
  side: 'source' | 'sink',
  objects: readonly DoomedObject[],
): RemoveBatchOutcome {
  const tree = context[side];
  const outcomes: RemoveOutcome[] = [];
  const directories = new Set<ByteString>();
  for (const object of objects) {
    if (context.isStopped()) break;
    try {
      context.throttle.takeObject();
      withRetries(context, () => {
        removeOne(tree, object);
      });
      outcomes.push('removed');
      directories.add(directoryOf(object.key));
    } catch (error) {
      outcomes.push(causeOf(context, error, `delete from the ${side}`, side));
    }
  }
  const left = withoutEmptied(tree, objects.slice(0, outcomes.length), directories);
  if (context.limits.durability === 'file') syncDirectories(tree, left);
  return { outcomes, directories: left };
}

/** Whether nothing is at its key, of whatever sort. */
export function isObjectRemoved(tree: DirectoryTree, key: ByteString): boolean {
  try {
    return lstatSync(pathIn(tree.open(directoryOf(key)), nameOf(key)), { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    if (isGone(error)) return true;
    throw error;
  }
}

/** Between the look and the removal the name may still change hands: no system call removes by identity. */
function removeOne(tree: DirectoryTree, { key, sizeBytes, modifyTimeMs, isLink = false }: DoomedObject): void {
  try {
    const path = pathIn(tree.open(directoryOf(key)), nameOf(key));
    const stats = lstatSync(path);
    const isSame =
      (isLink ? stats.isSymbolicLink() : stats.isFile()) &&
      stats.size === sizeBytes &&
      isSameTime(stats.mtimeMs, modifyTimeMs, TIME_GRAIN_MS);
    if (!isSame) throw new ObjectError(CHANGED);
    unlinkSync(path);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Directories that went with their last object, up to the one that is kept, are taken out of `directories`, their parents added. */
function withoutEmptied(
  tree: DirectoryTree,
  objects: readonly DoomedObject[],
  directories: ReadonlySet<ByteString>,
): readonly ByteString[] {
  const left = new Set(directories);
  for (const { key, keptDirectory } of objects) {
    if (keptDirectory === undefined) continue;
    for (let at = directoryOf(key); at.length > keptDirectory.length && left.has(at);) {
      const parent = directoryOf(at.slice(0, -1));
      if (!isDirectoryRemoved(tree, parent, at)) break;
      left.delete(at);
      left.add(parent);
      at = parent;
    }
  }
  return [...left];
}

/** false while anything is in it, or it cannot be removed for any other reason: only objects are promised to go. */
function isDirectoryRemoved(tree: DirectoryTree, parent: ByteString, key: ByteString): boolean {
  try {
    rmdirSync(pathIn(tree.open(parent), key.slice(parent.length, -1)));
    tree.clear();
    return true;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

function syncDirectories(tree: DirectoryTree, keys: readonly ByteString[]): void {
  for (const key of keys) {
    try {
      fsyncSync(tree.open(key));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

const TIME_GRAIN_MS = 0.001;
const CHANGED = {
  code: Code.FAILED_PRECONDITION,
  detail: 'delete: it was changed after it was listed, so it was left alone; run the transfer again',
};
