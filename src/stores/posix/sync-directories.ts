import { close, closeSync, constants, fsync, fsyncSync, openSync } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import { reopenDirectory, type DirectoryTree } from './directory-tree.ts';
import type { CopyContext } from './copy-context.ts';
import { errnoOf, isGone } from './errno.ts';
import { directoryOf, nameOf, pathIn } from './file-path.ts';

/** Syncs files and directories one by one: the way where the system lacks `sync -f`. What has gone meanwhile is skipped. */
export function syncEach(context: CopyContext, files: readonly ByteString[], directories: readonly ByteString[]): void {
  for (const key of files) {
    if (context.isStopped()) return;
    skipMissing(() => {
      const file = openSync(pathIn(context.sink.open(directoryOf(key)), nameOf(key)), OPEN);
      try {
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    });
  }
  for (const key of directories) {
    if (context.isStopped()) return;
    skipMissing(() => {
      fsyncSync(context.sink.open(key));
    });
  }
}

/** Syncs one directory beside this thread, as well as it can be, and stops waiting for it when the signal aborts. */
export function syncDirectory(tree: DirectoryTree, key: ByteString, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
    try {
      // A descriptor of its own: the tree may close its one before the sync is over.
      const directory = reopenDirectory(tree.open(key));
      fsync(directory, () => {
        close(directory, () => {
          resolve();
        });
      });
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      resolve();
    }
  });
}

const OPEN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What was to be synced may have gone, or something else may have taken its place or its directory's. */
function skipMissing(sync: () => void): void {
  try {
    sync();
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
