import { lstatSync } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { ListPage } from '../../transfers/object-store.ts';
import { STAGING_PREFIX } from '../../transfers/staging-name.ts';
import { ListingStopped } from './directory-names.ts';
import { errnoOf, isGone, ObjectError } from './errno.ts';
import { directoryOf, nameOf, pathIn } from './file-path.ts';
import { TreePage, type TreePageOptions } from './tree-page.ts';

/** Names looked at between two questions whether to go on. */
const STOP_INTERVAL = 64;

export interface LookUpFilesOptions extends TreePageOptions {
  /** Asked every few calls. */
  readonly isStopped: () => boolean;
}

/**
 * What a directory tree has of these keys, as a walk would tell it. No directory is read, and no link is followed on the way.
 *
 * @throws ListingStopped when it was stopped.
 */
export function lookUpFiles(keys: readonly ByteString[], options: LookUpFilesOptions): ListPage {
  const page = new TreePage(options);
  for (const [index, key] of keys.entries()) {
    if (index % STOP_INTERVAL === 0 && options.isStopped()) throw new ListingStopped('look-up stopped');
    if (nameOf(key).startsWith(STAGING_PREFIX)) continue;
    try {
      page.put(key, lstatSync(pathIn(options.tree.open(directoryOf(key)), nameOf(key))));
    } catch (error) {
      if (errnoOf(error) === undefined && !(error instanceof ObjectError)) throw error;
      if (!isGone(error)) page.put(key, error as Error);
    }
  }
  return page.page;
}
