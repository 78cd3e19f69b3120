import { lstatSync, type Stats } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import {
  OBJECT_STATE,
  type LargeObject,
  type PublishOutcome,
  type StagedObject,
  type StagingGroup,
} from '../../transfers/copier.ts';
import { isSameTime } from '../../transfers/delta.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import type { PreservedMetadata } from '../../transfers/posix-metadata.ts';
import type { DoomedObject, RemoveOutcome } from '../../transfers/removal.ts';
import { stagingName } from '../../transfers/staging-name.ts';
import type { CopyBatch, CopyBatchOutcome } from './copy-group.ts';
import { sinkTree } from './copy-context.ts';
import { CopyPool } from './copy-pool.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { errnoOf, isGone } from './errno.ts';
import { directoryOf, nameOf, pathIn, withAncestors } from './file-path.ts';
import { FilesystemSync } from './filesystem-sync.ts';
import { firstIndexes } from './first-indexes.ts';
import { removeName } from './regular-file.ts';
import { isObjectRemoved } from './remove-objects.ts';
import { readLink } from './symbolic-link.ts';
import { syncDirectory } from './sync-directories.ts';
import { Throttle } from './throttle.ts';

export interface PosixSinkOptions {
  /** Descriptors of roots stay the caller's, and open until close() resolves. Of a directory tree that is the source, if one is. */
  readonly sourceRoot?: number;
  readonly sinkRoot: number;
  /** See StoreCapabilities, of the sink. */
  readonly grainMs: number;
  /** See CopierOptions. */
  readonly limits: TransferLimits;
  readonly metadata: PreservedMetadata;
  readonly word: Int32Array;
  /** See CopierOptions. */
  readonly poolRate?: SharedArrayBuffer;
}

/**
 * The half of a Copier that a directory tree as a sink is: everything but how bytes come into the staging files. Renames and syncs
 * are done by a pool of threads with synchronous calls, by the group.
 */
export abstract class PosixSink {
  readonly hasUploads = false;
  protected readonly limits: TransferLimits;
  protected readonly metadata: PreservedMetadata;
  protected readonly pool: CopyPool;
  protected readonly sink: DirectoryTree;
  protected readonly stopped = new AbortController();
  /** Large objects whose staged bytes are of this life. */
  protected readonly checked = new Set<ByteString>();
  readonly #grainMs: number;
  readonly #filesystem: FilesystemSync;
  #hasFilesystemSync = true;
  /** Groups with files on a file system that is mounted within the sink: `sync -f` of the sink does not reach them. */
  protected readonly elsewhere = new WeakSet<StagingGroup>();

  constructor({ sinkRoot, sourceRoot = sinkRoot, grainMs, word, limits, metadata, poolRate }: PosixSinkOptions) {
    const throttle = new SharedArrayBuffer(Throttle.SIZE_BYTES);
    const rate = poolRate === undefined ? {} : { poolRate };
    const halt = new Int32Array(new SharedArrayBuffer(4));
    this.limits = limits;
    this.metadata = metadata;
    this.#grainMs = grainMs;
    this.pool = new CopyPool(limits.copyThreadCount, {
      sourceRoot,
      sinkRoot,
      word,
      halt,
      throttle,
      ...rate,
      limits,
      metadata,
    });
    this.sink = sinkTree({ sinkRoot, limits, metadata });
    this.#filesystem = new FilesystemSync(sinkRoot, this.stopped.signal);
  }

  async publish(group: StagingGroup): Promise<void> {
    const isBatch = this.limits.durability === 'batch';
    const files = stagedFiles(group);
    if (files.length === 0 || (isBatch && !(await this.sync(group, files, [])))) return;
    const directories = await this.runBatches('publish', group);
    if (isBatch) await this.sync(group, [], directories);
  }

  discard(group: StagingGroup): Promise<number> {
    this.sink.clear();
    let leftCount = 0;
    for (const [index, { key }] of group.objects.entries()) {
      if (group.states[index] !== OBJECT_STATE.STAGED) continue;
      if (this.#remove(key, stagingName(group.stagingPrefix, index))) {
        group.states[index] = OBJECT_STATE.UNTOUCHED;
      } else {
        leftCount += 1;
      }
    }
    return Promise.resolve(leftCount);
  }

  async publishLarge(object: LargeObject): Promise<PublishOutcome> {
    const { durability } = this.limits;
    const cause = durability === 'none' ? undefined : await this.#syncLarge(object);
    if (cause !== undefined) return { kind: 'failed', cause };
    const outcome = await this.pool.run({ kind: 'publish-large', object });
    if (outcome?.kind !== 'published') return outcome ?? { kind: 'interrupted' };
    this.checked.delete(object.stagingName);
    if (durability !== 'none') {
      const directories = withAncestors([directoryOf(object.key)]);
      await this.untilStopped(this.pool.run({ kind: 'sync', files: [], directories }));
    }
    return outcome;
  }

  /** Why what is staged could not be made durable; undefined when it is, or when a stop came first. */
  async #syncLarge(object: LargeObject): Promise<FailureCause | undefined> {
    const syncing = this.pool.run({ kind: 'sync-large', object });
    return (await this.untilStopped(syncing)) ? await syncing : undefined;
  }

  discardOne({ key, stagingName }: StagedObject): Promise<boolean> {
    // Its directory may have been moved away, and made anew with the staging in it, since it was opened here.
    this.sink.clear();
    this.checked.delete(stagingName);
    return Promise.resolve(this.#remove(key, stagingName));
  }

  #remove(key: ByteString, staging: ByteString): boolean {
    try {
      removeName(this.sink.open(directoryOf(key)), staging);
      return true;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      // Without its directory it is not there either.
      return isGone(error);
    }
  }

  async isPublished(object: StagedObject): Promise<boolean> {
    return Promise.resolve(this.holds(object, object.modifyTimeMs));
  }

  /** Whether the sink holds this object with that time, it is not staged any more, and it is not what it was to replace. */
  protected holds(object: StagedObject, modifyTimeMs: number, { isLink = false } = {}): boolean {
    try {
      const directory = this.sink.open(directoryOf(object.key));
      if (lstatSync(pathIn(directory, object.stagingName), NO_THROW) !== undefined) return false;
      const found = lstatSync(pathIn(directory, nameOf(object.key)), NO_THROW);
      if (found === undefined || found.ino === object.replaces) return false;
      if (isLink) return this.#isOurLink(object, found, modifyTimeMs);
      return object.linkTarget === undefined
        ? this.#isOurs(object, found, modifyTimeMs)
        : found.isSymbolicLink() && readLink(directory, nameOf(object.key)) === object.linkTarget;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return false;
    }
  }

  /** Of a link whose target its source tells only when it is read. */
  #isOurLink({ sizeBytes }: StagedObject, found: Stats, modifyTimeMs: number): boolean {
    return found.isSymbolicLink() && found.size === sizeBytes && isSameTime(found.mtimeMs, modifyTimeMs, this.#grainMs);
  }

  #isOurs({ sizeBytes }: StagedObject, found: Stats, modifyTimeMs: number): boolean {
    return found.isFile() && found.size === sizeBytes && isSameTime(found.mtimeMs, modifyTimeMs, this.#grainMs);
  }

  /** See Copier.remove, for either side that is a directory tree. */
  protected async removeFiles(
    side: 'source' | 'sink',
    objects: readonly DoomedObject[],
  ): Promise<readonly (RemoveOutcome | undefined)[]> {
    const { batchObjectCountMax, durability } = this.limits;
    const outcomes = new Array<RemoveOutcome | undefined>(objects.length).fill(undefined);
    const directories = new Set<ByteString>();
    const running = firstIndexes(objects.length, batchObjectCountMax).map(async (first) => {
      const batch = objects.slice(first, first + batchObjectCountMax);
      const done = await this.pool.run({ kind: 'remove', side, objects: batch });
      for (const [index, outcome] of (done?.outcomes ?? []).entries()) outcomes[first + index] = outcome;
      for (const key of done?.directories ?? []) directories.add(key);
    });
    await Promise.allSettled(running);
    await Promise.all(running);
    // A removal from the source that a power cut undoes is found as equal, and removed again, by the next run.
    if (durability === 'batch' && side === 'sink') await this.sync(undefined, [], [...directories]);
    return outcomes;
  }

  /** See Copier.isRemoved. */
  protected isFileRemoved(tree: DirectoryTree, { key }: DoomedObject): Promise<boolean> {
    tree.clear();
    return Promise.resolve(isObjectRemoved(tree, key));
  }

  async syncPublished(keys: Iterable<ByteString>): Promise<void> {
    const { durability, interruptSyncWaitMaxMs } = this.limits;
    // Data was synced before its rename, or is not to be; what is left are the directories.
    if (durability === 'none') return;
    const deadline = AbortSignal.timeout(interruptSyncWaitMaxMs);
    for (const directory of withAncestors(Array.from(keys, directoryOf))) {
      if (deadline.aborted) return;
      await syncDirectory(this.sink, directory, deadline);
    }
  }

  stop(): void {
    this.stopped.abort();
    this.pool.stop();
  }

  async close(): Promise<void> {
    this.stop();
    await this.pool.close();
    this.sink.clear();
  }

  /** Answers the directories of what was done. Batches of one group may run on all threads. */
  protected async runBatches(kind: 'copy' | 'publish', group: StagingGroup): Promise<readonly ByteString[]> {
    const directories = new Set<ByteString>();
    const running = cutBatches(group, this.limits).map(async (batch) => {
      const outcome = await this.pool.run({ kind, batch });
      if (outcome === undefined) return;
      takeOver(outcome, batch, group);
      if (outcome.isElsewhere) this.elsewhere.add(group);
      for (const key of outcome.directories) directories.add(key);
    });
    // Where one fails, what the others have done is to be known before anybody cleans up.
    await Promise.allSettled(running);
    await Promise.all(running);
    return [...directories];
  }

  /**
   * @param group  undefined when what is elsewhere was synced already.
   * @returns false when it was abandoned: nothing may be built on it then.
   */
  protected async sync(
    group: StagingGroup | undefined,
    files: readonly ByteString[],
    directories: readonly ByteString[],
  ): Promise<boolean> {
    const isAllHere = group === undefined || !this.elsewhere.has(group);
    if (this.#hasFilesystemSync && isAllHere) {
      if (await this.#filesystem.sync()) return true;
      if (this.stopped.signal.aborted) return false;
      this.#hasFilesystemSync = false;
    }
    // An attempt that died may have made any of the directories on the way, and synced none.
    return this.#syncEach(files, directories.length === 0 ? [] : withAncestors(directories));
  }

  /** One share for each thread: an fsync waits for the disk, and several wait side by side. */
  async #syncEach(files: readonly ByteString[], directories: readonly ByteString[]): Promise<boolean> {
    const count = this.limits.copyThreadCount;
    const share = (keys: readonly ByteString[], index: number): readonly ByteString[] =>
      keys.slice(Math.floor((keys.length * index) / count), Math.floor((keys.length * (index + 1)) / count));
    const shares = Array.from({ length: count }, (_, index) =>
      this.pool.run({ kind: 'sync', files: share(files, index), directories: share(directories, index) }),
    );
    return this.untilStopped(Promise.all(shares));
  }

  /** true when it was done; false when a stop came first. */
  protected untilStopped(work: Promise<unknown>): Promise<boolean> {
    const { signal } = this.stopped;
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

const NO_THROW = { throwIfNoEntry: false } as const;

function stagedFiles({ objects, states, stagingPrefix }: StagingGroup): readonly ByteString[] {
  const files: ByteString[] = [];
  for (const [index, { key }] of objects.entries()) {
    if (states[index] === OBJECT_STATE.STAGED) files.push(directoryOf(key) + stagingName(stagingPrefix, index));
  }
  return files;
}

function cutBatches(group: StagingGroup, limits: TransferLimits): readonly CopyBatch[] {
  const batches: CopyBatch[] = [];
  let first = 0;
  let sizeBytes = 0;
  for (const [index, object] of group.objects.entries()) {
    sizeBytes += object.sizeBytes;
    const count = index + 1 - first;
    if (count < limits.batchObjectCountMax && sizeBytes < limits.batchSizeBytesMax && index + 1 < group.objects.length)
      continue;
    const { stagingPrefix, objects, states } = group;
    batches.push({
      stagingPrefix,
      firstIndex: first,
      objects: objects.slice(first, index + 1),
      states: states.slice(first, index + 1),
    });
    first = index + 1;
    sizeBytes = 0;
  }
  return batches;
}

function takeOver(outcome: CopyBatchOutcome, batch: CopyBatch, group: StagingGroup): void {
  group.states.set(outcome.states, batch.firstIndex);
  for (const { index, cause } of outcome.failures) group.failures.set(batch.firstIndex + index, cause);
  for (const { index, object } of outcome.changed) group.objects[batch.firstIndex + index] = object;
}
