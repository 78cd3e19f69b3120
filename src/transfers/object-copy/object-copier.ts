import { isUtf8 } from 'node:buffer';
import { systemClock, type Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { eachBounded } from '../../core/each-bounded.ts';
import { StatusError } from '../../core/status-error.ts';
import { WORD } from '../../operations/task.ts';
import { displayText, toBytes } from '../byte-string.ts';
import {
  OBJECT_STATE,
  type Copier,
  type LargeObject,
  type PlannedObject,
  type PublishOutcome,
  type SliceOutcome,
  type StagedObject,
  type StagingGroup,
} from '../copier.ts';
import type { TransferLimits } from '../limits.ts';
import type { FailureCause } from '../object-failure.ts';
import type { ObjectRecord } from '../object-record.ts';
import { present } from '../present.ts';
import type { OverwriteWhen } from '../spec.ts';
import { beginAnew } from './begin-anew.ts';
import { isCopyOf, replanned } from './copied-metadata.ts';
import { copyFailureOf, SourceReplaced, type CopyEnds } from './copy-ends.ts';
import type { DoomedObject, RemoveOutcome } from '../removal.ts';
import { FlowLimit } from './flow-limit.ts';
import { isRemovedFromStore, removeFromStore } from './store-removal.ts';
import { changedOutcome, UploadCopy } from './upload-copy.ts';
import { copyWhole, copyWithin } from './whole-copy.ts';

export interface ObjectCopierOptions extends CopyEnds {
  readonly limits: TransferLimits;
  /** See CopierOptions. */
  readonly word: Int32Array;
  readonly overwriteWhen: OverwriteWhen;
  /** Between two tries; the system's unless given. */
  readonly clock?: Clock;
}

/**
 * Copies from any store to one whose writes are whole or nothing by themselves.
 *
 * Small objects are a read and a write, so that nothing is ever staged; large ones go in the parts of an upload. Nothing is
 * retried here: that is the stores' own.
 */
export class ObjectCopier implements Copier {
  readonly hasUploads: boolean;
  readonly #options: ObjectCopierOptions;
  readonly #flow: FlowLimit;
  readonly #uploads: UploadCopy | undefined;
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  /** Objects of a group whose copy was begun: where a stop cuts it short, the sink knows whether they are there. */
  readonly #begun = new WeakMap<StagingGroup, number[]>();
  /** Whether the sink can copy from the source by itself; undefined until it was asked. */
  #isWithinReach: boolean | undefined;

  constructor(options: ObjectCopierOptions) {
    const { sink, limits } = options;
    this.#options = options;
    this.#flow = new FlowLimit(limits.requestsInFlightMax, limits.bytesInFlightMax);
    this.hasUploads = sink.uploads !== undefined;
    if (sink.copyObject === undefined) this.#isWithinReach = false;
    if (sink.uploads === undefined) return;
    const isDraining = (): boolean => this.#isStopped || Atomics.load(options.word, 0) !== WORD.RUN;
    this.#uploads = new UploadCopy({ ...options, uploads: sink.uploads, flow: this.#flow, isDraining });
  }

  /** Nothing is staged: a write shows nothing until it is whole. */
  stage(): Promise<void> {
    return Promise.resolve();
  }

  async publish(group: StagingGroup): Promise<void> {
    this.#begun.set(group, []);
    const copying = group.objects.map((object, index) => this.#tracked(this.#publishOne(group, object, index)));
    await Promise.all(copying);
  }

  /** Stores without attributes have none to be updated. */
  updateAttributes(): Promise<ReadonlyMap<number, FailureCause>> {
    return Promise.resolve(new Map());
  }

  remove(side: 'source' | 'sink', objects: readonly DoomedObject[]): Promise<readonly (RemoveOutcome | undefined)[]> {
    const { limits } = this.#options;
    const removing = removeFromStore(objects, {
      store: this.#options[side],
      inFlightMax: limits.requestsInFlightMax,
      isStopped: () => this.#isStopped,
      signal: this.#stopped.signal,
    });
    return this.#tracked(removing);
  }

  isRemoved(side: 'source' | 'sink', object: DoomedObject): Promise<boolean> {
    return isRemovedFromStore(object, this.#options[side], this.#options.limits.cleanUpMaxMs);
  }

  copyDirectories(): Promise<void> {
    return Promise.resolve();
  }

  /** Nothing was staged; what was cut short is settled. */
  async discard(group: StagingGroup): Promise<number> {
    const begun = this.#begun.get(group) ?? [];
    const uncertain = begun.filter((index) => group.states[index] === OBJECT_STATE.UNTOUCHED);
    await eachBounded(uncertain, this.#options.limits.statsInFlightMax, async (index) => {
      const isThere = await this.#isAtSink(present(group.objects[index])).catch(() => false);
      if (isThere) group.states[index] = OBJECT_STATE.PUBLISHED;
    });
    return 0;
  }

  async stageSlice(object: LargeObject): Promise<SliceOutcome> {
    try {
      return await this.#tracked(this.#stageSlice(object, this.#stopped.signal));
    } catch (error) {
      if (this.#isStopped) return { kind: 'staged', object };
      if (error instanceof SourceReplaced) return changedOutcome(object, error);
      return { kind: 'failed', cause: copyFailureOf(error) };
    }
  }

  async publishLarge(object: LargeObject): Promise<PublishOutcome> {
    try {
      await this.#tracked(this.#publishLarge(object, this.#stopped.signal));
      return { kind: 'published' };
    } catch (error) {
      if (this.#isStopped) return { kind: 'interrupted' };
      return { kind: 'failed', cause: error instanceof SourceReplaced ? SOURCE_CHANGED : copyFailureOf(error) };
    }
  }

  async discardOne(object: StagedObject): Promise<boolean> {
    if (object.uploadId === undefined) return true;
    try {
      await this.#uploads?.abort(object, AbortSignal.timeout(this.#options.limits.cleanUpMaxMs));
      return true;
    } catch {
      // Whatever it was: the journal keeps the entry, and the janitor tries again.
      return false;
    }
  }

  async isPublished(object: StagedObject): Promise<boolean> {
    return this.#isAtSink(object);
  }

  syncPublished(): Promise<void> {
    return Promise.resolve();
  }

  stop(): void {
    this.#stopped.abort(STOPPED);
  }

  async close(): Promise<void> {
    this.stop();
    await Promise.allSettled(this.#running);
  }

  get #isStopped(): boolean {
    return this.#stopped.signal.aborted || Atomics.load(this.#options.word, 0) === WORD.STOP;
  }

  async #publishOne(group: StagingGroup, object: PlannedObject, index: number): Promise<void> {
    if (group.states[index] !== OBJECT_STATE.UNTOUCHED) return;
    const { signal } = this.#stopped;
    try {
      this.#checkKey(object);
      await this.#flow.run(object.sizeBytes, signal, async () => {
        if (this.#isStopped) return;
        this.#begun.get(group)?.push(index);
        await this.#copyOne(object, signal);
        group.states[index] = OBJECT_STATE.PUBLISHED;
      });
    } catch (error) {
      if (this.#isStopped) return;
      if (error instanceof SourceReplaced) {
        group.states[index] = OBJECT_STATE.CHANGED;
        group.objects[index] = replanned(object, error.found);
      } else {
        group.states[index] = OBJECT_STATE.FAILED;
        group.failures.set(index, copyFailureOf(error));
      }
    }
  }

  async #copyOne(object: PlannedObject, signal: AbortSignal): Promise<void> {
    if (this.#isWithinReach !== false && (await this.#copyWithin(object, signal))) return;
    await this.#copyWhole(object, signal);
  }

  #copyWhole(object: PlannedObject, signal: AbortSignal): Promise<void> {
    const { clock = systemClock, limits } = this.#options;
    const tries = { clock, random: Math.random, tryCountMax: limits.transientTryCountMax, signal };
    return beginAnew(() => copyWhole(this.#options, object, signal), tries);
  }

  /** The source's metadata has to be known to be kept, beside what the copy remembers: one more request, and no bytes. */
  async #copyWithin(object: PlannedObject, signal: AbortSignal): Promise<boolean> {
    const isCopied = await copyWithin(this.#options, object, await this.#sourceRecord(object, signal), signal);
    this.#isWithinReach = isCopied;
    return isCopied;
  }

  async #stageSlice(object: LargeObject, signal: AbortSignal): Promise<SliceOutcome> {
    this.#checkKey(object);
    if (object.stagedBytes === 0 && this.#isWithinReach !== false && (await this.#copyWithin(object, signal))) {
      return { kind: 'published' };
    }
    const uploads = this.#uploads;
    // One write, then, when it is published.
    if (uploads === undefined) return { kind: 'staged', object: { ...object, stagedBytes: object.sizeBytes } };
    if (object.uploadId !== '') return uploads.putParts(object, signal);
    return uploads.begin(object, await this.#sourceRecord(object, signal), signal);
  }

  async #publishLarge(object: LargeObject, signal: AbortSignal): Promise<void> {
    const uploads = this.#uploads;
    if (uploads === undefined) await this.#copyWhole(object, signal);
    else await uploads.complete(object, await this.#sourceRecord(object, signal), signal);
  }

  async #sourceRecord({ key }: PlannedObject, signal: AbortSignal): Promise<ObjectRecord> {
    const record = await this.#options.source.stat(key, signal);
    if (record !== undefined) return record;
    throw new StatusError(Code.NOT_FOUND, `${displayText(key)}: the source has gone`, { reason: 'OBJECT_GONE' });
  }

  #checkKey({ key }: PlannedObject): void {
    if (this.#options.sink.capabilities.acceptsAnyBytes || isUtf8(toBytes(key))) return;
    const message = `${displayText(key)}: the name is not UTF-8, and the sink takes no other`;
    throw new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'NAME_NOT_UTF8' });
  }

  /** With ALWAYS an equal one may have been there before: then only its etag tells. */
  async #isAtSink(object: PlannedObject): Promise<boolean> {
    const { sink, limits, overwriteWhen } = this.#options;
    const found = await sink.stat(object.key, AbortSignal.timeout(limits.cleanUpMaxMs));
    if (found === undefined || !isCopyOf(found, object, sink.capabilities)) return false;
    return overwriteWhen !== 'ALWAYS' || found.etag === undefined || found.etag !== object.replaces;
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

/** Why requests are aborted; nobody is told. */
const STOPPED = new Error('the copier was stopped');

const SOURCE_CHANGED: FailureCause = {
  code: Code.FAILED_PRECONDITION,
  detail: 'the source was modified while it was copied; run the transfer again when it is at rest',
};
