import type { ByteString } from '../../transfers/byte-string.ts';
import type { StagingGroup } from '../../transfers/copier.ts';
import type { CopyPool } from './copy-pool.ts';
import { withAncestors } from './file-path.ts';
import { FilesystemSync } from './filesystem-sync.ts';

export interface SinkSyncOptions {
  /** Its descriptor. */
  readonly sinkRoot: number;
  readonly pool: CopyPool;
  readonly copyThreadCount: number;
  /** Abandons what is under way: no sync can be interrupted. */
  readonly signal: AbortSignal;
}

/** Makes what a sink holds durable: by one sync of its file system where that can be, else file by file in the pool's threads. */
export class SinkSync {
  readonly #options: SinkSyncOptions;
  readonly #filesystem: FilesystemSync;
  #hasFilesystemSync = true;
  /** Groups with files on a file system that is mounted within the sink: `sync -f` of the sink does not reach them. */
  readonly #elsewhere = new WeakSet<StagingGroup>();

  constructor(options: SinkSyncOptions) {
    this.#options = options;
    this.#filesystem = new FilesystemSync(options.sinkRoot, options.signal);
  }

  /** Files of this group are on another file system than the sink. */
  setElsewhere(group: StagingGroup): void {
    this.#elsewhere.add(group);
  }

  /**
   * @param group  undefined when what is elsewhere was synced already.
   * @returns false when it was abandoned: nothing may be built on it then.
   */
  async sync(
    group: StagingGroup | undefined,
    files: readonly ByteString[],
    directories: readonly ByteString[],
  ): Promise<boolean> {
    const isAllHere = group === undefined || !this.#elsewhere.has(group);
    if (this.#hasFilesystemSync && isAllHere) {
      if (await this.#filesystem.sync()) return true;
      if (this.#options.signal.aborted) return false;
      this.#hasFilesystemSync = false;
    }
    // An attempt that died may have made any of the directories on the way, and synced none.
    return this.#syncEach(files, directories.length === 0 ? [] : withAncestors(directories));
  }

  /** One share for each thread: an fsync waits for the disk, and several wait side by side. */
  async #syncEach(files: readonly ByteString[], directories: readonly ByteString[]): Promise<boolean> {
    const { copyThreadCount: count, pool } = this.#options;
    const share = (keys: readonly ByteString[], index: number): readonly ByteString[] =>
      keys.slice(Math.floor((keys.length * index) / count), Math.floor((keys.length * (index + 1)) / count));
    const shares = Array.from({ length: count }, (_, index) =>
      pool.run({ kind: 'sync', files: share(files, index), directories: share(directories, index) }),
    );
    return this.untilStopped(Promise.all(shares));
  }

  /** true when it was done; false when a stop came first. */
  untilStopped(work: Promise<unknown>): Promise<boolean> {
    const { signal } = this.#options;
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        resolve(false);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      work
        .then(() => {
          resolve(!signal.aborted);
        }, reject)
        .finally(() => {
          signal.removeEventListener('abort', onAbort);
        });
    });
  }
}
