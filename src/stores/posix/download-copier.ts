import { WORD } from '../../operations/task.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import {
  OBJECT_STATE,
  type Copier,
  type LargeObject,
  type SliceOutcome,
  type StagedObject,
  type StagingGroup,
} from '../../transfers/copier.ts';
import { isPlannedSource, replanned } from '../../transfers/object-copy/copied-metadata.ts';
import { copyFailureOf, SourceReplaced } from '../../transfers/object-copy/copy-ends.ts';
import { FlowLimit } from '../../transfers/object-copy/flow-limit.ts';
import { isRemovedFromStore, removeFromStore } from '../../transfers/object-copy/store-removal.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import type { ObjectStore } from '../../transfers/object-store.ts';
import { originalTimeMs } from '../../transfers/provenance.ts';
import type { DoomedObject, RemoveOutcome } from '../../transfers/removal.ts';
import { present } from '../../transfers/present.ts';
import { stagingName } from '../../transfers/staging-name.ts';
import type { DownloadContext } from './download-context.ts';
import { downloadObject, isLink } from './download-object.ts';
import { downloadSlice } from './download-slice.ts';
import { errnoOf, failureOf, ObjectError } from './errno.ts';
import { checkFileKey, directoryOf } from './file-path.ts';
import { PosixSink, type PosixSinkOptions } from './posix-sink.ts';
import { ReceivedFiles } from './received-files.ts';

export interface DownloadCopierOptions extends Omit<PosixSinkOptions, 'sourceRoot'> {
  /** Any store; it stays the caller's. */
  readonly source: ObjectStore;
}

/**
 * Copies from any store into a directory tree, with the staging, syncs and renames of PosixSink.
 *
 * Bytes come in their own time. Those of small objects are written by the pool's threads, once they are whole; those of others by this
 * thread, between them: it must be one that nobody else waits for.
 */
export class DownloadCopier extends PosixSink implements Copier {
  readonly #source: ObjectStore;
  readonly #word: Int32Array;
  readonly #context: DownloadContext;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: DownloadCopierOptions) {
    super(options);
    this.#source = options.source;
    this.#word = options.word;
    const { source, limits, metadata } = options;
    const flow = new FlowLimit(limits.requestsInFlightMax, limits.bytesInFlightMax);
    this.#context = { source, sink: this.sink, limits, metadata, flow };
  }

  async stage(group: StagingGroup): Promise<void> {
    // A directory that was moved away must not be written to for longer than a group.
    this.sink.clear();
    const received = new ReceivedFiles(this.pool, group, this.limits);
    const staging = group.objects.map((_, index) => this.#tracked(this.#stageOne(group, index, received)));
    await Promise.all(staging);
    await this.#tracked(received.end());
    if (this.limits.durability !== 'batch') return;
    if (received.isElsewhere || this.#isElsewhere(group)) this.syncs.setElsewhere(group);
  }

  /** What comes from stores without attributes has none. */
  updateAttributes(): Promise<ReadonlyMap<number, FailureCause>> {
    return Promise.resolve(new Map());
  }

  remove(side: 'source' | 'sink', objects: readonly DoomedObject[]): Promise<readonly (RemoveOutcome | undefined)[]> {
    if (side === 'sink') return this.removeFiles(side, objects);
    const removing = removeFromStore(objects, {
      store: this.#source,
      inFlightMax: this.limits.requestsInFlightMax,
      isStopped: () => this.#isStopped,
      signal: this.stopped.signal,
    });
    return this.#tracked(removing);
  }

  isRemoved(side: 'source' | 'sink', object: DoomedObject): Promise<boolean> {
    if (side === 'sink') return this.isFileRemoved(this.sink, object);
    return isRemovedFromStore(object, this.#source, this.limits.cleanUpMaxMs);
  }

  copyDirectories(): Promise<void> {
    return Promise.resolve();
  }

  async stageSlice(object: LargeObject): Promise<SliceOutcome> {
    try {
      return await this.#tracked(this.#stageSlice(object, this.stopped.signal));
    } catch (error) {
      if (this.#isStopped) return { kind: 'staged', object };
      if (error instanceof SourceReplaced) {
        this.checked.delete(object.stagingName);
        return { kind: 'changed', object: { ...replanned(object, error.found), stagedBytes: 0, stagedCrc32c: 0 } };
      }
      return { kind: 'failed', cause: causeOf(error) };
    }
  }

  /** The file has the time of the one its source was made of, where that is so, and only the source's metadata says it. */
  override async isPublished(object: StagedObject): Promise<boolean> {
    if (await super.isPublished(object)) return true;
    if (!this.#source.capabilities.hasMetadata) return false;
    const record = await this.#source.stat(object.key, AbortSignal.timeout(this.limits.cleanUpMaxMs));
    if (record === undefined || !isPlannedSource(record, object)) return false;
    return this.holds(object, originalTimeMs(record), { isLink: isLink(record, this.metadata) });
  }

  override async close(): Promise<void> {
    this.stop();
    await Promise.allSettled(this.#running);
    await super.close();
  }

  get #isStopped(): boolean {
    return this.stopped.signal.aborted || Atomics.load(this.#word, 0) === WORD.STOP;
  }

  get #isDraining(): boolean {
    return this.#isStopped || Atomics.load(this.#word, 0) !== WORD.RUN;
  }

  async #stageOne(group: StagingGroup, index: number, received: ReceivedFiles): Promise<void> {
    if (group.states[index] !== OBJECT_STATE.UNTOUCHED) return;
    const { signal } = this.stopped;
    const object = present(group.objects[index]);
    try {
      checkFileKey(object.key);
      const staging = stagingName(group.stagingPrefix, index);
      const isStaged = await this.#context.flow.run(object.sizeBytes, signal, () =>
        downloadObject(object, { index, staging, received }, this.#context, signal),
      );
      if (isStaged) group.states[index] = OBJECT_STATE.STAGED;
    } catch (error) {
      if (this.#isStopped) return;
      if (error instanceof SourceReplaced) {
        group.states[index] = OBJECT_STATE.CHANGED;
        group.objects[index] = replanned(object, error.found);
        return;
      }
      group.states[index] = OBJECT_STATE.FAILED;
      group.failures.set(index, causeOf(error));
    }
  }

  async #stageSlice(object: LargeObject, signal: AbortSignal): Promise<SliceOutcome> {
    checkFileKey(object.key);
    const prepared = await this.#prepare(object);
    if ('cause' in prepared) return { kind: 'failed', cause: prepared.cause };
    if (this.#isDraining) return { kind: 'staged', object };
    this.sink.clear();
    const control = { signal, isDraining: () => this.#isDraining };
    return { kind: 'staged', object: await downloadSlice(prepared.object, this.#context, control) };
  }

  /** Once in a life: makes the staging file, or checks what an earlier attempt has left in it. */
  async #prepare(object: LargeObject): Promise<{ readonly object: LargeObject } | { readonly cause: FailureCause }> {
    if (object.stagedBytes > 0 && this.checked.has(object.stagingName)) return { object };
    const outcome = await this.pool.run({ kind: 'prepare-large', object });
    if (outcome?.kind === 'failed') return outcome;
    if (outcome?.kind !== 'staged') return { object };
    if (!this.#isDraining) this.checked.add(object.stagingName);
    return outcome;
  }

  #isElsewhere({ objects, states }: StagingGroup): boolean {
    const directories = new Set<ByteString>();
    for (const [index, { key }] of objects.entries()) {
      if (states[index] === OBJECT_STATE.STAGED) directories.add(directoryOf(key));
    }
    try {
      return [...directories].some((directory) => this.sink.isElsewhere(directory));
    } catch (error) {
      // Where that cannot be told any more, files are synced one by one.
      if (errnoOf(error) === undefined) throw error;
      return true;
    }
  }

  #tracked<Result>(work: Promise<Result>): Promise<Result> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.#running.add(settled);
    void settled.then(() => this.#running.delete(settled));
    return work;
  }
}

function causeOf(error: unknown): FailureCause {
  const isOfSystem = errnoOf(error) !== undefined || error instanceof ObjectError;
  return isOfSystem ? failureOf(error, 'copy') : copyFailureOf(error);
}
