import type { ByteString } from '../../transfers/byte-string.ts';
import {
  OBJECT_STATE,
  type LargeObject,
  type PublishOutcome,
  type StagedObject,
  type StagingGroup,
} from '../../transfers/copier.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import type { PreservedMetadata } from '../../transfers/posix-metadata.ts';
import type { DoomedObject, RemoveOutcome } from '../../transfers/removal.ts';
import { stagingName } from '../../transfers/staging-name.ts';
import { sinkTree } from './copy-context.ts';
import { CopyPool } from './copy-pool.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { errnoOf, isGone } from './errno.ts';
import { directoryOf, withAncestors } from './file-path.ts';
import { firstIndexes } from './first-indexes.ts';
import { cutBatches, stagedFiles, takeOver } from './group-batches.ts';
import { isPublishedFile } from './published-file.ts';
import { removeName } from './regular-file.ts';
import { isObjectRemoved } from './remove-objects.ts';
import { SinkSync } from './sink-sync.ts';
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
  protected readonly syncs: SinkSync;
  readonly #grainMs: number;

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
    const { copyThreadCount } = limits;
    this.syncs = new SinkSync({ sinkRoot, pool: this.pool, copyThreadCount, signal: this.stopped.signal });
  }

  async publish(group: StagingGroup): Promise<void> {
    const isBatch = this.limits.durability === 'batch';
    const files = stagedFiles(group);
    if (files.length === 0 || (isBatch && !(await this.syncs.sync(group, files, [])))) return;
    const directories = await this.runBatches('publish', group);
    if (isBatch) await this.syncs.sync(group, [], directories);
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
      await this.syncs.untilStopped(this.pool.run({ kind: 'sync', files: [], directories }));
    }
    return outcome;
  }

  /** Why what is staged could not be made durable; undefined when it is, or when a stop came first. */
  async #syncLarge(object: LargeObject): Promise<FailureCause | undefined> {
    const syncing = this.pool.run({ kind: 'sync-large', object });
    return (await this.syncs.untilStopped(syncing)) ? await syncing : undefined;
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

  /** Whether the sink holds this object with that time, and not only staged. */
  protected holds(object: StagedObject, modifyTimeMs: number, { isLink = false } = {}): boolean {
    return isPublishedFile(this.sink, object, { modifyTimeMs, grainMs: this.#grainMs, isLink });
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
    if (durability === 'batch' && side === 'sink') await this.syncs.sync(undefined, [], [...directories]);
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
      if (outcome.isElsewhere) this.syncs.setElsewhere(group);
      for (const key of outcome.directories) directories.add(key);
    });
    // Where one fails, what the others have done is to be known before anybody cleans up.
    await Promise.allSettled(running);
    await Promise.all(running);
    return [...directories];
  }
}
