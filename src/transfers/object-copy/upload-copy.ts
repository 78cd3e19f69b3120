import { Code } from '../../core/code.ts';
import { eachBounded } from '../../core/each-bounded.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, type ByteString } from '../byte-string.ts';
import type { LargeObject, SliceOutcome } from '../copier.ts';
import type { TransferLimits } from '../limits.ts';
import type { ObjectRecord } from '../object-record.ts';
import type { ObjectUploads, Upload, UploadPart } from '../object-uploads.ts';
import { isPlannedSource, preconditionOf, replanned } from './copied-metadata.ts';
import { collected } from './collected.ts';
import { combineCrc32c } from './crc32c-combine.ts';
import { isAtSink, isChanged, sinkErrorOf, sourceErrorOf, SourceReplaced, type CopyEnds } from './copy-ends.ts';
import type { FlowLimit } from './flow-limit.ts';
import { PartBuffers } from './part-buffers.ts';
import { partsBetween, partSizeOf } from './part-size.ts';
import { SourceBody } from './source-body.ts';
import { writeOptionsOf } from './whole-copy.ts';

export interface UploadCopyOptions extends CopyEnds {
  readonly uploads: ObjectUploads;
  readonly limits: TransferLimits;
  readonly flow: FlowLimit;
  readonly isDraining: () => boolean;
}

/** An upload that the store has lost is begun anew so often, for each object. */
const RESTART_COUNT_MAX = 2;

/** Copies large objects in parts, some of them side by side where the store allows it. */
export class UploadCopy {
  readonly #options: UploadCopyOptions;
  readonly #restartCounts = new Map<ByteString, number>();
  /** Uploads that this attempt has put parts into: the store still has what we know of. */
  readonly #live = new Set<string>();

  readonly #buffers: PartBuffers;

  constructor(options: UploadCopyOptions) {
    this.#options = options;
    this.#buffers = new PartBuffers(options.limits.partSizeBytes);
  }

  /** @param record  of the source, as it is now. */
  async begin(object: LargeObject, record: ObjectRecord, signal: AbortSignal): Promise<SliceOutcome> {
    if (!isPlannedSource(record, object)) throw new SourceReplaced(record);
    const options = writeOptionsOf(this.#options, object, { record, signal });
    const { id } = await this.#options.uploads.begin(object.key, options);
    this.#live.add(id);
    return { kind: 'begun', object: { ...object, uploadId: id, parts: [], stagedBytes: 0, stagedCrc32c: 0 } };
  }

  /**
   * The next slice's parts; with SUSPEND those that were begun.
   *
   * @throws as copyWhole.
   */
  async putParts(object: LargeObject, signal: AbortSignal): Promise<SliceOutcome> {
    const upload = uploadOf(object);
    try {
      const staged = await this.#putSlice(object, upload, signal);
      this.#live.add(upload.id);
      return { kind: 'staged', object: staged };
    } catch (error) {
      signal.throwIfAborted();
      if (!this.#isLost(error, upload)) throw error;
      return await this.#restart(object, upload, signal, error);
    }
  }

  async complete(object: LargeObject, record: ObjectRecord, signal: AbortSignal): Promise<void> {
    const { sink, uploads } = this.#options;
    if (!isPlannedSource(record, object)) throw new SourceReplaced(record);
    if (record.crc32c !== undefined && record.crc32c !== object.stagedCrc32c) throw damaged(object);
    const precondition = preconditionOf(object, sink.capabilities);
    try {
      await uploads.complete(uploadOf(object), object.parts ?? [], {
        crc32c: object.stagedCrc32c,
        ...(precondition === undefined ? {} : { precondition }),
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      // Its answer may have been lost, and then the upload is not there any more.
      const isUnsure = isChanged(error) || (error instanceof StatusError && error.code === Code.NOT_FOUND);
      if (isUnsure && (await isAtSink(this.#options, object, signal))) return;
      throw sinkErrorOf(object, error);
    } finally {
      this.#forget(object);
    }
  }

  /** Removes an upload and what it holds. One whose id is not known is looked for by its key. */
  async abort({ key, uploadId = '' }: Pick<LargeObject, 'key' | 'uploadId'>, signal: AbortSignal): Promise<void> {
    const { uploads } = this.#options;
    this.#restartCounts.delete(key);
    if (uploadId !== '') return this.#abortTwice({ key, id: uploadId }, signal);
    // Where uploads cannot be listed they end by themselves: nobody sees them, and nobody pays.
    for await (const upload of uploads.list?.(key, signal) ?? []) {
      if (upload.key === key) await this.#abortTwice(upload, signal);
    }
  }

  /** A part that was under way may be taken after the first abort. */
  async #abortTwice(upload: Upload, signal: AbortSignal): Promise<void> {
    this.#live.delete(upload.id);
    if (await this.#options.uploads.abort(upload, signal)) await this.#options.uploads.abort(upload, signal);
  }

  async #putSlice(known: LargeObject, upload: Upload, signal: AbortSignal): Promise<LargeObject> {
    const { uploads, limits, flow, isDraining } = this.#options;
    // The end of a last part may have been kept in the process that sent it, where parts come in order.
    const isOthers = uploads.rules.isSequential && !this.#live.has(upload.id);
    const object = isOthers ? withoutLastPart(known) : known;
    const { sizeBytes, stagedBytes } = object;
    const partSizeBytes = partSizeOf(sizeBytes, uploads.rules, limits, object.parts ?? []);
    const endBytes = stagedBytes + Math.max(limits.sliceSizeBytes, partSizeBytes);
    const wanted = partsBetween({ startBytes: stagedBytes, endBytes, sizeBytes }, partSizeBytes);
    const put: UploadPart[] = [];
    const sideBySide = uploads.rules.isSequential ? 1 : limits.partsInFlightMax;
    await eachBounded(wanted, sideBySide, async (part, place) => {
      if (isDraining()) return;
      put[place] = await flow.run(part.lengthBytes, signal, () => this.#putPart(object, upload, part, signal));
    });
    return withParts(object, put);
  }

  async #putPart(
    object: LargeObject,
    upload: Upload,
    part: { readonly index: number; readonly offsetBytes: number; readonly lengthBytes: number },
    signal: AbortSignal,
  ): Promise<UploadPart> {
    const body = new SourceBody(this.#options.source, object, signal, part);
    const bytes = this.#buffers.take(part.lengthBytes);
    try {
      await body.open();
      await collected(body.stream(), bytes);
    } catch (error) {
      signal.throwIfAborted();
      throw await sourceErrorOf(this.#options, object, error, signal);
    } finally {
      await body.close();
    }
    const stored = await this.#options.uploads.putPart(upload, { ...part, bytes, crc32c: body.crc32c }, signal);
    // After a failure somebody may still be reading it.
    this.#buffers.giveBack(bytes);
    return { ...stored, crc32c: body.crc32c };
  }

  /** The store does not know the upload, or has not what the checkpoint says. */
  #isLost(error: unknown, { id }: Upload): boolean {
    if (!(error instanceof StatusError) || error.info.reason === 'OBJECT_CHANGED') return false;
    if (error.info.reason.startsWith('UPLOAD_')) return true;
    return !this.#live.has(id) && UNLIKE_OURS.has(error.code);
  }

  async #restart(object: LargeObject, upload: Upload, signal: AbortSignal, cause: unknown): Promise<SliceOutcome> {
    const count = (this.#restartCounts.get(object.key) ?? 0) + 1;
    this.#restartCounts.set(object.key, count);
    if (count > RESTART_COUNT_MAX) throw cause;
    await this.#abortTwice(upload, signal);
    const record = await this.#options.source.stat(object.key, signal);
    if (record === undefined) throw cause;
    return this.begin(object, record, signal);
  }

  #forget({ key, uploadId = '' }: LargeObject): void {
    this.#restartCounts.delete(key);
    this.#live.delete(uploadId);
  }
}

/** What stores answer to a part that does not begin where they end. */
const UNLIKE_OURS: ReadonlySet<Code> = new Set([
  Code.INVALID_ARGUMENT,
  Code.FAILED_PRECONDITION,
  Code.OUT_OF_RANGE,
  Code.ABORTED,
]);

function uploadOf({ key, uploadId = '' }: LargeObject): Upload {
  return { key, id: uploadId };
}

/** Parts begin in order and all that began are there: no holes. */
function withParts(object: LargeObject, put: readonly UploadPart[]): LargeObject {
  let { stagedBytes, stagedCrc32c } = object;
  for (const { sizeBytes, crc32c } of put) {
    stagedBytes += sizeBytes;
    stagedCrc32c = combineCrc32c(stagedCrc32c, crc32c, sizeBytes);
  }
  return { ...object, stagedBytes, stagedCrc32c, parts: [...(object.parts ?? []), ...put] };
}

function withoutLastPart(object: LargeObject): LargeObject {
  const nothing = { ...object, stagedBytes: 0, stagedCrc32c: 0, parts: [] };
  return withParts(nothing, (object.parts ?? []).slice(0, -1));
}

function damaged({ key }: LargeObject): StatusError {
  const message = `${displayText(key)}: its bytes are not what the source's checksum says`;
  return new StatusError(Code.DATA_LOSS, message, { reason: 'SOURCE_DAMAGED' });
}

/** The outcome of a slice whose source was replaced. */
export function changedOutcome(object: LargeObject, { found }: SourceReplaced): SliceOutcome {
  const { parts: _parts, ...rest } = replanned(object, found);
  return { kind: 'changed', object: { ...rest, uploadId: '', stagedBytes: 0, stagedCrc32c: 0 } };
}
