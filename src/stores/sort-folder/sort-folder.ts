import { mkdirSync, mkdtempSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger } from '../../core/logger.ts';
import { isGone, ownProcessMark, type ProcessMark } from './process-mark.ts';

const NAME = /^longrunning-sort-(\d*)-(\d+)-(\d*)-[^-]+$/;

/** This process's own folder for sorted runs. What of it a kill -9 leaves is removed by a process that comes later. */
export class SortFolder {
  readonly path: string;
  readonly #parent: string;

  /**
   * Makes it, for its owner only.
   *
   * @param parent  made where it is missing.
   * @throws Error of node:fs.
   */
  constructor(parent: string) {
    mkdirSync(parent, { recursive: true });
    const { namespace, pid, startTicks } = ownProcessMark();
    // With a part that nobody can guess: a directory for temporary files is everybody's.
    this.path = mkdtempSync(join(parent, `longrunning-sort-${namespace}-${pid}-${startTicks}-`));
    this.#parent = parent;
  }

  /**
   * Removes the folders that processes which are gone have left beside it. Never throws.
   *
   * @param isOwned  no other live process uses the parent, so all others there are left ones: also those of a container before this
   *   one, whose processes cannot be seen.
   */
  async sweep(isOwned: boolean, logger: Logger): Promise<void> {
    try {
      for (const name of await readdir(this.#parent)) {
        const mark = markOf(name);
        if (mark === undefined || name === basename(this.path) || !(isOwned || isGone(mark))) continue;
        const path = join(this.#parent, name);
        // Where everybody may write, somebody else's is somebody else's matter.
        if ((await lstat(path)).uid !== process.getuid?.()) continue;
        await rm(path, { recursive: true, force: true });
        logger.debug({ path }, 'sorted runs of a process that is gone were removed');
      }
    } catch (error) {
      logger.warn({ directory: this.#parent, error }, 'sorted runs that were left by others could not be removed');
    }
  }

  /** Removes it. Never throws: what cannot be removed now a later process sweeps. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function markOf(name: string): ProcessMark | undefined {
  const [, namespace, pid, startTicks] = NAME.exec(name) ?? [];
  if (namespace === undefined || pid === undefined || startTicks === undefined) return undefined;
  return { namespace, pid: Number(pid), startTicks };
}
