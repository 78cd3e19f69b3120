import { lstatSync, type Stats } from 'node:fs';
import type { StagedObject } from '../../transfers/copier.ts';
import { isSameTime } from '../../transfers/delta.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { errnoOf } from './errno.ts';
import { directoryOf, nameOf, pathIn } from './file-path.ts';
import { readLink } from './symbolic-link.ts';

/** What the published object would look like. */
export interface ExpectedFile {
  readonly modifyTimeMs: number;
  /** Two times that differ by no more than this are equal. Milliseconds. */
  readonly grainMs: number;
  /** It is a link whose target its source tells only when it is read. */
  readonly isLink: boolean;
}

/** Whether the sink holds this object as expected, it is not staged any more, and it is not what it was to replace. */
export function isPublishedFile(sink: DirectoryTree, object: StagedObject, expected: ExpectedFile): boolean {
  try {
    const directory = sink.open(directoryOf(object.key));
    if (lstatSync(pathIn(directory, object.stagingName), NO_THROW) !== undefined) return false;
    const found = lstatSync(pathIn(directory, nameOf(object.key)), NO_THROW);
    if (found === undefined || found.ino === object.replaces) return false;
    if (expected.isLink) return found.isSymbolicLink() && isSame(object, found, expected);
    return object.linkTarget === undefined
      ? found.isFile() && isSame(object, found, expected)
      : found.isSymbolicLink() && readLink(directory, nameOf(object.key)) === object.linkTarget;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

function isSame({ sizeBytes }: StagedObject, found: Stats, { modifyTimeMs, grainMs }: ExpectedFile): boolean {
  return found.size === sizeBytes && isSameTime(found.mtimeMs, modifyTimeMs, grainMs);
}

const NO_THROW = { throwIfNoEntry: false } as const;
