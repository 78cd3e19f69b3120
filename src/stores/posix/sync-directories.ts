import { closeSync, constants, fsyncSync, openSync } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { CopyContext } from './copy-context.ts';
import { errnoOf } from './errno.ts';
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
  for (const key of directories)
    skipMissing(() => {
      fsyncSync(context.sink.open(key));
    });
}

const OPEN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function skipMissing(sync: () => void): void {
  try {
    sync();
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
