import { createHash, type Hash } from 'node:crypto';
import { crc32c } from '@node-rs/crc32';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText } from '../byte-string.ts';
import type { PlannedObject } from '../copier.ts';
import type { ObjectRecord } from '../object-record.ts';
import type { ObjectStore } from '../object-store.ts';
import { isPlannedSource } from './copied-metadata.ts';

export interface ByteRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/**
 * The bytes of a planned object, or of a range of it: of this very object, as many as there have to be, and what its store says
 * that they are; or else stream() throws, before its consumer can take them for complete.
 */
export class SourceBody {
  readonly #store: ObjectStore;
  readonly #object: PlannedObject;
  readonly #range: ByteRange;
  readonly #signal: AbortSignal;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #first: Promise<IteratorResult<Uint8Array>> | undefined;
  #record: ObjectRecord | undefined;
  #md5: Hash | undefined;
  #crc32c = 0;
  #failure: unknown;

  constructor(store: ObjectStore, object: PlannedObject, signal: AbortSignal, range?: ByteRange) {
    this.#store = store;
    this.#object = object;
    this.#signal = signal;
    this.#range = range ?? { offsetBytes: 0, lengthBytes: object.sizeBytes };
  }

  /** Of the bytes that were streamed. */
  get crc32c(): number {
    return this.#crc32c;
  }

  /** What the source threw; a consumer may throw something else because of it. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Begins to read. What the store tells of the object; undefined when it tells nothing. */
  async open(): Promise<ObjectRecord | undefined> {
    const { key, sizeBytes, modifyTimeMs, etag } = this.#object;
    const { offsetBytes, lengthBytes } = this.#range;
    const chunks = this.#store.read(key, {
      ...(this.#isWhole ? {} : { offsetBytes, lengthBytes }),
      expect: { sizeBytes, modifyTimeMs, ...(etag === undefined ? {} : { etag }) },
      onRecord: (record) => {
        this.#record = record;
      },
      signal: this.#signal,
    });
    this.#chunks = chunks[Symbol.asyncIterator]();
    try {
      const first = await this.#chunks.next();
      this.#first = Promise.resolve(first);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    if (this.#isWhole && this.#record?.crc32c === undefined && this.#record?.md5 !== undefined) {
      this.#md5 = createHash('md5');
    }
    return this.#record;
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    try {
      let sizeBytes = 0;
      for (let next = await this.#next(); next.done !== true; next = await this.#next()) {
        sizeBytes += next.value.length;
        this.#crc32c = crc32c(next.value, this.#crc32c);
        this.#md5?.update(next.value);
        if (sizeBytes > this.#range.lengthBytes) throw this.#changed();
        yield next.value;
      }
      if (sizeBytes !== this.#range.lengthBytes) throw this.#changed();
      this.#verify();
      await this.#checkUnchanged();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  async close(): Promise<void> {
    // What closing a body that nobody wants says is of no interest.
    await this.#chunks?.return?.().catch(() => undefined);
  }

  get #isWhole(): boolean {
    return this.#range.offsetBytes === 0 && this.#range.lengthBytes === this.#object.sizeBytes;
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    const first = this.#first;
    this.#first = undefined;
    return first ?? this.#chunks?.next() ?? Promise.reject(new Error('open() comes first'));
  }

  #verify(): void {
    if (!this.#isWhole) return;
    const { crc32c: expected, md5 } = this.#record ?? {};
    const isGood =
      expected === undefined ? this.#md5 === undefined || this.#md5.digest('hex') === md5 : expected === this.#crc32c;
    if (isGood) return;
    const message = `${displayText(this.#object.key)}: its bytes are not what the source's checksum says`;
    throw new StatusError(Code.DATA_LOSS, message, { reason: 'SOURCE_DAMAGED' });
  }

  /** Without an etag nothing pins what is read: a look behind it has to do. */
  async #checkUnchanged(): Promise<void> {
    if (this.#object.etag !== undefined || !this.#isWhole) return;
    const found = await this.#store.stat(this.#object.key, this.#signal);
    if (found === undefined || !isPlannedSource(found, this.#object)) throw this.#changed();
  }

  #changed(): StatusError {
    const message = `${displayText(this.#object.key)}: the source was modified while it was copied`;
    return new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'OBJECT_CHANGED' });
  }
}
