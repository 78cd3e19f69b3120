/** Wires the folder of sorted runs to where the process keeps its data. */
import { tmpdir } from 'node:os';
import { Code } from './core/code.ts';
import type { Logger } from './core/logger.ts';
import { StatusError } from './core/status-error.ts';
import { SortFolder } from './stores/sort-folder/sort-folder.ts';

export interface SortFolderPlace {
  /** As the setting has it. */
  readonly directory: string | undefined;
  /** The file that this process has open as its database; undefined when that is in memory. */
  readonly database: string | undefined;
}

/**
 * This process's folder, with what dead processes left beside it on its way to be removed. To be called when the database is open.
 *
 * @throws StatusError reason INVALID_SETTING for a directory that cannot be written to: later it would fail somebody's transfer.
 */
export function openSortFolder({ directory, database }: SortFolderPlace, logger: Logger): SortFolder {
  const folder = openedIn(directory ?? (database === undefined ? tmpdir() : `${database}.sort`));
  // Of a database there is one live owner at most, this process; any other directory may be that of several.
  const isOwned = directory === undefined && database !== undefined;
  void folder.sweep(isOwned, logger);
  return folder;
}

function openedIn(parent: string): SortFolder {
  try {
    return new SortFolder(parent);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const message = `--sort-directory ${parent}: cannot be written to: ${why}`;
    throw new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'INVALID_SETTING', cause });
  }
}
