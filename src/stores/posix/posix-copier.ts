import { lstatSync, type Stats } from 'node:fs';
import { WORD } from '../../operations/task.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import { OBJECT_STATE, type Copier, type CopierOptions, type LargeObject } from '../../transfers/copier.ts';
import type {
  AttributeUpdate,
  PlannedObject,
  PublishOutcome,
  SliceOutcome,
  StagedObject,
  StagingGroup,
} from '../../transfers/copier.ts';
import { isSameTime } from '../../transfers/delta.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import { stagingName } from '../../transfers/staging-name.ts';
import type { CopyBatch, CopyBatchOutcome } from './copy-group.ts';
import { copyDirectories } from './copy-directories.ts';
import { CopyPool } from './copy-pool.ts';
import { DirectoryTree } from './directory-tree.ts';
import { errnoOf, isGone } from './errno.ts';
import { directoryOf, nameOf, pathIn, withAncestors } from './file-path.ts';
import { FilesystemSync } from './filesystem-sync.ts';
import { removeName } from './regular-file.ts';
import { readLink } from './symbolic-link.ts';
import { syncDirectory } from './sync-directories.ts';
import { Throttle } from './throttle.ts';

export interface PosixCopierOptions extends CopierOptions {
  /** Descriptors of both roots; they stay the caller's, and open until close() resolves. */
  readonly sourceRoot: number;
  readonly sinkRoot: number;
  /** See StoreCapabilities, of the sink. */
  readonly grainMs: number;
}

/** Copies between two directory trees: a pool of threads with synchronous calls, and syncs by the group. */
export class PosixCopier implements Copier {
  readonly hasUploads = false;
  readonly #options: PosixCopierOptions;
  readonly #pool: CopyPool;
  readonly #sink: DirectoryTree;
  readonly #stopped = new AbortController();
  readonly #filesystem: FilesystemSync;
  #hasFilesystemSync = true;
  /** Groups with files on a file system that is mounted within the sink: `sync -f` of the sink does not reach them. */
  readonly #elsewhere = new WeakSet<StagingGroup>();
  /** Large objects whose staged bytes are of this life. */
  readonly #checked = new Set<ByteString>();

  constructor(options: PosixCopierOptions) {
    const { sourceRoot, sinkRoot, word, limits, metadata } = options;
    this.#options = options;
    const throttle = new SharedArrayBuffer(Throttle.SIZE_BYTES);
    const halt = new Int32Array(new SharedArrayBuffer(4));
    this.#pool = new CopyPool(limits.copyThreadCount, { sourceRoot, sinkRoot, word, halt, throttle, limits, metadata });
    this.#sink = new DirectoryTree(sinkRoot, limits.directoryDescriptorCountMax);
    this.#filesystem = new FilesystemSync(sinkRoot, this.#stopped.signal);
  }

  async stage(group: StagingGroup): Promise<void> {
    await this.#runBatches('copy', group);
  }

  async publish(group: StagingGroup): Promise<void> {
    if (this.#options.limits.durability !== 'batch') return;
    const files = stagedFiles(group);
    if (files.length === 0 || !(await this.#sync(group, files, []))) return;
    const directories = await this.#runBatches('publish', group);
    await this.#sync(group, [], directories);
  }

  async updateAttributes(updates: readonly AttributeUpdate[]): Promise<ReadonlyMap<number, FailureCause>> {
    const { batchObjectCountMax, durability } = this.#options.limits;
    const failures = new Map<number, FailureCause>();
    const running = firstIndexes(updates.length, batchObjectCountMax).map(async (first) => {
      const batch = updates.slice(first, first + batchObjectCountMax);
      const found = await this.#pool.run({ kind: 'attributes', updates: batch });
      for (const { index, cause } of found ?? []) failures.set(first + index, cause);
    });
    await Promise.allSettled(running);
    await Promise.all(running);
    const keys = updates.map(({ key }) => key);
    if (durability === 'batch') await this.#sync(undefined, keys, []);
    return failures;
  }

  copyDirectories(onFailure: (key: ByteString, cause: FailureCause) => void): Promise<void> {
    const { word, limits } = this.#options;
    return copyDirectories({
      ...this.#options,
      isStopped: () => this.#stopped.signal.aborted || Atomics.load(word, 0) !== WORD.RUN,
      onFailure,
      sync: (keys) => (limits.durability === 'none' ? Promise.resolve() : this.#sync(undefined, [], keys)),
    });
  }

  discard(group: StagingGroup): Promise<number> {
    this.#sink.clear();
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

  async stageSlice(object: LargeObject): Promise<SliceOutcome> {
    const isChecked = object.stagedBytes === 0 ? false : this.#checked.has(object.stagingName);
    const outcome = await this.#pool.run({ kind: 'slice', object, isChecked });
    if (outcome?.kind === 'staged') this.#checked.add(object.stagingName);
    return outcome ?? { kind: 'staged', object };
  }

  async publishLarge(object: LargeObject): Promise<PublishOutcome> {
    const { durability } = this.#options.limits;
    const cause = durability === 'none' ? undefined : await this.#syncLarge(object);
    if (cause !== undefined) return { kind: 'failed', cause };
    const outcome = await this.#pool.run({ kind: 'publish-large', object });
    if (outcome?.kind !== 'published') return outcome ?? { kind: 'interrupted' };
    this.#checked.delete(object.stagingName);
    if (durability !== 'none') {
      const directories = withAncestors([directoryOf(object.key)]);
      await this.#untilStopped(this.#pool.run({ kind: 'sync', files: [], directories }));
    }
    return outcome;
  }

  /** Why what is staged could not be made durable; undefined when it is, or when a stop came first. */
  async #syncLarge(object: LargeObject): Promise<FailureCause | undefined> {
    const syncing = this.#pool.run({ kind: 'sync-large', object });
    return (await this.#untilStopped(syncing)) ? await syncing : undefined;
  }

  discardOne({ key, stagingName }: StagedObject): Promise<boolean> {
    // Its directory may have been moved away, and made anew with the staging in it, since it was opened here.
    this.#sink.clear();
    this.#checked.delete(stagingName);
    return Promise.resolve(this.#remove(key, stagingName));
  }

  #remove(key: ByteString, staging: ByteString): boolean {
    try {
      removeName(this.#sink.open(directoryOf(key)), staging);
      return true;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      // Without its directory it is not there either.
      return isGone(error);
    }
  }

  isPublished(object: StagedObject): Promise<boolean> {
    try {
      const directory = this.#sink.open(directoryOf(object.key));
      if (lstatSync(pathIn(directory, object.stagingName), NO_THROW) !== undefined) return Promise.resolve(false);
      const found = lstatSync(pathIn(directory, nameOf(object.key)), NO_THROW);
      if (found === undefined || found.ino === object.replaces) return Promise.resolve(false);
      return Promise.resolve(
        object.linkTarget === undefined
          ? this.#isOurs(object, found)
          : found.isSymbolicLink() && readLink(directory, nameOf(object.key)) === object.linkTarget,
      );
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return Promise.resolve(false);
    }
  }

  #isOurs(object: PlannedObject, found: Stats): boolean {
    if (!found.isFile() || found.size !== object.sizeBytes) return false;
    return isSameTime(found.mtimeMs, object.modifyTimeMs, this.#options.grainMs);
  }

  async syncPublished(keys: Iterable<ByteString>): Promise<void> {
    const { durability, interruptSyncWaitMaxMs } = this.#options.limits;
    // Data was synced before its rename, or is not to be; what is left are the directories.
    if (durability === 'none') return;
    const deadline = AbortSignal.timeout(interruptSyncWaitMaxMs);
    for (const directory of withAncestors(Array.from(keys, directoryOf))) {
      if (deadline.aborted) return;
      await syncDirectory(this.#sink, directory, deadline);
    }
  }

  stop(): void {
    this.#stopped.abort();
    this.#pool.stop();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#pool.close();
    this.#sink.clear();
  }

  /** Answers the directories of what was done. Batches of one group may run on all threads. */
  async #runBatches(kind: 'copy' | 'publish', group: StagingGroup): Promise<readonly ByteString[]> {
    const directories = new Set<ByteString>();
    const running = cutBatches(group, this.#options.limits).map(async (batch) => {
      const outcome = await this.#pool.run({ kind, batch });
      if (outcome === undefined) return;
      takeOver(outcome, batch, group);
      if (outcome.isElsewhere) this.#elsewhere.add(group);
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
  async #sync(
    group: StagingGroup | undefined,
    files: readonly ByteString[],
    directories: readonly ByteString[],
  ): Promise<boolean> {
    const isAllHere = group === undefined || !this.#elsewhere.has(group);
    if (this.#hasFilesystemSync && isAllHere) {
      if (await this.#filesystem.sync()) return true;
      if (this.#stopped.signal.aborted) return false;
      this.#hasFilesystemSync = false;
    }
    // An attempt that died may have made any of the directories on the way, and synced none.
    return this.#syncEach(files, directories.length === 0 ? [] : withAncestors(directories));
  }

  /** One share for each thread: an fsync waits for the disk, and several wait side by side. */
  async #syncEach(files: readonly ByteString[], directories: readonly ByteString[]): Promise<boolean> {
    const count = this.#options.limits.copyThreadCount;
    const share = (keys: readonly ByteString[], index: number): readonly ByteString[] =>
      keys.slice(Math.floor((keys.length * index) / count), Math.floor((keys.length * (index + 1)) / count));
    const shares = Array.from({ length: count }, (_, index) =>
      this.#pool.run({ kind: 'sync', files: share(files, index), directories: share(directories, index) }),
    );
    return this.#untilStopped(Promise.all(shares));
  }

  /** true when it was done; false when a stop came first. */
  #untilStopped(work: Promise<unknown>): Promise<boolean> {
    const { signal } = this.#stopped;
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

/** 0, size, 2 * size … below the count. */
function firstIndexes(count: number, size: number): readonly number[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, index) => index * size);
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
