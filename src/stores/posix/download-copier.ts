import { closeSync, fsyncSync, writeSync } from 'node:fs';
import { Code } from '../../core/code.ts';
import { eachBounded } from '../../core/each-bounded.ts';
import { StatusError } from '../../core/status-error.ts';
import { WORD } from '../../operations/task.ts';
import { displayText, toByteString, type ByteString } from '../../transfers/byte-string.ts';
import {
  OBJECT_STATE,
  type Copier,
  type LargeObject,
  type PlannedObject,
  type SliceOutcome,
  type StagedObject,
  type StagingGroup,
} from '../../transfers/copier.ts';
import { isPlannedSource, replanned } from '../../transfers/object-copy/copied-metadata.ts';
import { copyFailureOf, sourceErrorOf, SourceReplaced } from '../../transfers/object-copy/copy-ends.ts';
import { combineCrc32c } from '../../transfers/object-copy/crc32c-combine.ts';
import { FlowLimit } from '../../transfers/object-copy/flow-limit.ts';
import { partsBetween } from '../../transfers/object-copy/part-size.ts';
import { isRemovedFromStore, removeFromStore } from '../../transfers/object-copy/store-removal.ts';
import { collected } from '../../transfers/object-copy/collected.ts';
import { SourceBody, type ByteRange } from '../../transfers/object-copy/source-body.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import { isLinkObject } from '../../transfers/link-objects.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { ObjectStore } from '../../transfers/object-store.ts';
import type { DoomedObject, RemoveOutcome } from '../../transfers/removal.ts';
import { originalTimeMs } from '../../transfers/provenance.ts';
import { hasAttributes } from '../../transfers/posix-metadata.ts';
import { present } from '../../transfers/present.ts';
import { stagingName } from '../../transfers/staging-name.ts';
import { errnoOf, failureOf, ObjectError } from './errno.ts';
import { checkFileKey, directoryOf } from './file-path.ts';
import { restoreLink } from './restore-link.ts';
import { restoreAttributes } from './restore-attributes.ts';
import type { ReceivedFile } from './receive-files.ts';
import { ReceivedFiles } from './received-files.ts';
import { PosixSink, type PosixSinkOptions } from './posix-sink.ts';
import {
  createStaging,
  removeName,
  reopenStaging,
  setModifyTime,
  writeAndClose,
  closeQuietly,
} from './regular-file.ts';

export interface DownloadCopierOptions extends Omit<PosixSinkOptions, 'sourceRoot'> {
  /** Any store; it stays the caller's. */
  readonly source: ObjectStore;
}

/** Of one small object. */
interface Destination {
  readonly index: number;
  readonly staging: ByteString;
  readonly received: ReceivedFiles;
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
  readonly #flow: FlowLimit;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: DownloadCopierOptions) {
    super(options);
    this.#source = options.source;
    this.#word = options.word;
    this.#flow = new FlowLimit(options.limits.requestsInFlightMax, options.limits.bytesInFlightMax);
  }

  async stage(group: StagingGroup): Promise<void> {
    // A directory that was moved away must not be written to for longer than a group.
    this.sink.clear();
    const received = new ReceivedFiles(this.pool, group, this.limits);
    const staging = group.objects.map((_, index) => this.#tracked(this.#stageOne(group, index, received)));
    await Promise.all(staging);
    await this.#tracked(received.end());
    if (this.limits.durability !== 'batch') return;
    if (received.isElsewhere || this.#isElsewhere(group)) this.elsewhere.add(group);
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
    return this.holds(object, originalTimeMs(record), { isLink: this.#isLink(record) });
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
      const isStaged = await this.#flow.run(object.sizeBytes, signal, () =>
        this.#download(object, { index, staging, received }, signal),
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

  /**
   * The whole of a small object into its staging file, with its time; leaves nothing when it throws.
   *
   * @returns false when it is only received: its bytes are right, and a thread writes them.
   */
  async #download(
    object: PlannedObject,
    { index, staging, received }: Destination,
    signal: AbortSignal,
  ): Promise<boolean> {
    signal.throwIfAborted();
    const body = new SourceBody(this.#source, object, signal);
    try {
      const record = await body.open();
      const isLink = record !== undefined && this.#isLink(record);
      if (!isLink && object.sizeBytes <= this.limits.receivedSizeBytesMax) {
        const content = await collected(body.stream(), Buffer.allocUnsafe(object.sizeBytes));
        received.add(this.#receivedFile(object, index, record), content);
        return false;
      }
      if (isLink) await this.#fetchLink(object, staging, body, record);
      else await this.#fetchFile(object, staging, body, record);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      throw body.failure === undefined ? error : await this.#sourceError(object, body.failure, signal);
    } finally {
      await body.close();
    }
  }

  #receivedFile(
    object: PlannedObject,
    index: number,
    record: ObjectRecord | undefined,
  ): Omit<ReceivedFile, 'offsetBytes' | 'sizeBytes'> {
    const file = { index, key: object.key, modifyTimeMs: timeOf(object, record) };
    const metadata = hasAttributes(this.metadata) ? record?.metadata : undefined;
    return metadata === undefined ? file : { ...file, metadata };
  }

  async #fetchFile(
    object: PlannedObject,
    staging: ByteString,
    body: SourceBody,
    record: ObjectRecord | undefined,
  ): Promise<void> {
    const file = createStaging(this.sink.make(directoryOf(object.key)), staging, this.metadata);
    try {
      await this.#fill(file, body, object, record);
    } catch (error) {
      removeName(this.sink.open(directoryOf(object.key)), staging);
      throw error;
    }
  }

  #isLink(record: ObjectRecord): boolean {
    return this.metadata.symlinks && isLinkObject(record);
  }

  async #fetchLink(object: PlannedObject, staging: ByteString, body: SourceBody, record: ObjectRecord): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body.stream()) chunks.push(Uint8Array.from(chunk));
    const link = {
      target: toByteString(Buffer.concat(chunks)),
      modifyTimeMs: timeOf(object, record),
      metadata: record.metadata,
    };
    restoreLink(this.sink.make(directoryOf(object.key)), staging, link, this.metadata);
  }

  /** Writes a staging file, and closes it whatever happens. */
  async #fill(file: number, body: SourceBody, object: PlannedObject, record: ObjectRecord | undefined): Promise<void> {
    try {
      await writeBody(file, body.stream(), 0);
    } catch (error) {
      closeQuietly(file);
      throw error;
    }
    writeAndClose(file, () => {
      setModifyTime(file, timeOf(object, record));
      restoreAttributes(file, record?.metadata, this.metadata);
      if (this.limits.durability === 'file') fsyncSync(file);
    });
  }

  async #stageSlice(object: LargeObject, signal: AbortSignal): Promise<SliceOutcome> {
    checkFileKey(object.key);
    const prepared = await this.#prepare(object);
    if ('cause' in prepared) return { kind: 'failed', cause: prepared.cause };
    if (this.#isDraining) return { kind: 'staged', object };
    const start = prepared.object;
    this.sink.clear();
    const file = reopenStaging(this.sink.open(directoryOf(start.key)), start.stagingName);
    try {
      const staged = await this.#downloadRanges(start, file, signal);
      if (staged.stagedBytes < staged.sizeBytes) return { kind: 'staged', object: staged };
      const record = await this.#verified(staged, signal);
      setModifyTime(file, timeOf(staged, record));
      restoreAttributes(file, record.metadata, this.metadata);
      return { kind: 'staged', object: staged };
    } finally {
      closeSync(file);
    }
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

  /** A slice in ranges, several side by side. They begin in order and all that begin are finished: no holes. */
  async #downloadRanges(object: LargeObject, file: number, signal: AbortSignal): Promise<LargeObject> {
    const { sliceSizeBytes, rangeSizeBytes, partsInFlightMax, chunkSizeBytes } = this.limits;
    const { stagedBytes, sizeBytes } = object;
    const endBytes = stagedBytes + Math.max(sliceSizeBytes, rangeSizeBytes);
    const ranges = partsBetween({ startBytes: stagedBytes, endBytes, sizeBytes }, rangeSizeBytes);
    const crcs: number[] = [];
    await eachBounded(ranges, partsInFlightMax, async (range, place) => {
      if (this.#isDraining) return;
      // What has come is written before more is asked for: no more than a chunk of it is held.
      const heldBytes = Math.min(range.lengthBytes, chunkSizeBytes);
      crcs[place] = await this.#flow.run(heldBytes, signal, () => this.#downloadRange(object, file, range, signal));
    });
    let staged = object;
    for (const [place, crc] of crcs.entries()) {
      const lengthBytes = ranges[place]?.lengthBytes ?? 0;
      const stagedCrc32c = combineCrc32c(staged.stagedCrc32c, crc, lengthBytes);
      staged = { ...staged, stagedBytes: staged.stagedBytes + lengthBytes, stagedCrc32c };
    }
    return staged;
  }

  /** @returns the crc32c of the range. */
  async #downloadRange(object: LargeObject, file: number, range: ByteRange, signal: AbortSignal): Promise<number> {
    const body = new SourceBody(this.#source, object, signal, range);
    try {
      await body.open();
      await writeBody(file, body.stream(), range.offsetBytes);
      return body.crc32c;
    } catch (error) {
      signal.throwIfAborted();
      throw body.failure === undefined ? error : await this.#sourceError(object, body.failure, signal);
    } finally {
      await body.close();
    }
  }

  /** The source is still the one that was read, and the bytes are those that it has a checksum of. */
  async #verified(object: LargeObject, signal: AbortSignal): Promise<ObjectRecord> {
    const record = await this.#source.stat(object.key, signal);
    if (record === undefined) throw gone(object.key);
    if (!isPlannedSource(record, object)) throw new SourceReplaced(record);
    if (record.crc32c === undefined || record.crc32c === object.stagedCrc32c) return record;
    const message = `${displayText(object.key)}: its bytes are not what the source's checksum says`;
    throw new StatusError(Code.DATA_LOSS, message, { reason: 'SOURCE_DAMAGED' });
  }

  #sourceError(object: PlannedObject, error: unknown, signal: AbortSignal): Promise<unknown> {
    return sourceErrorOf({ source: this.#source }, object, error, signal);
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

function timeOf({ modifyTimeMs }: PlannedObject, record: ObjectRecord | undefined): number {
  return originalTimeMs({ modifyTimeMs, metadata: record?.metadata });
}

async function writeBody(file: number, body: AsyncIterable<Uint8Array>, offsetBytes: number): Promise<void> {
  let offset = offsetBytes;
  for await (const chunk of body) {
    for (let length = 0; length < chunk.length;) {
      length += writeSync(file, chunk, length, chunk.length - length, offset + length);
    }
    offset += chunk.length;
  }
}

function causeOf(error: unknown): FailureCause {
  const isOfSystem = errnoOf(error) !== undefined || error instanceof ObjectError;
  return isOfSystem ? failureOf(error, 'copy') : copyFailureOf(error);
}

function gone(key: ByteString): StatusError {
  return new StatusError(Code.NOT_FOUND, `${displayText(key)}: the source has gone`, { reason: 'OBJECT_GONE' });
}
