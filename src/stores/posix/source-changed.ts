import { closeSync, fstatSync } from 'node:fs';
import type { PlannedObject } from '../../transfers/copier.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { errnoOf } from './errno.ts';
import { directoryOf, nameOf } from './file-path.ts';
import { openSource } from './regular-file.ts';

/** The source is not what it was when the walk saw it; `object` is what it was when that was noticed. */
export class SourceChanged extends Error {
  override readonly name = 'SourceChanged';
  readonly object: PlannedObject;

  constructor(object: PlannedObject) {
    super('the source was modified while it was copied');
    this.object = object;
  }
}

/**
 * The object as its name shows it now. A file that was replaced is open here in its old version: to go by that would be to see the
 * new one as a second change.
 *
 * @param object  the answer when its name shows nothing, or no file.
 */
export function asNamedNow<T extends PlannedObject>(source: DirectoryTree, object: T): T {
  try {
    source.clear();
    const file = openSource(source.open(directoryOf(object.key)), nameOf(object.key));
    try {
      const stats = fstatSync(file);
      return stats.isFile() ? { ...object, sizeBytes: stats.size, modifyTimeMs: stats.mtimeMs } : object;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return object;
  }
}
