import { crc32c } from '@node-rs/crc32';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { WriteOptions } from '../../transfers/object-store.ts';
import type {
  BeginUploadOptions,
  CompleteUploadOptions,
  ObjectUploads,
  PartToPut,
  Upload,
  UploadPart,
  UploadRules,
} from '../../transfers/object-uploads.ts';

interface OpenUpload {
  readonly key: ByteString;
  readonly options: BeginUploadOptions;
  readonly parts: Map<number, Uint8Array>;
}

type Put = (key: ByteString, bytes: Uint8Array, options: Omit<WriteOptions, 'signal'>) => ObjectRecord;

/** Uploads of the memory store: parts of any size, in any order. */
export class MemoryUploads implements ObjectUploads {
  readonly rules: UploadRules;
  readonly #put: Put;
  readonly #open = new Map<string, OpenUpload>();
  #count = 0;

  constructor(put: Put, rules: Partial<UploadRules> = {}) {
    this.#put = put;
    this.rules = {
      partSizeBytesMin: 1,
      partSizeBytesMax: Infinity,
      partSizeGrainBytes: 1,
      partCountMax: 10_000,
      isSequential: false,
      ...rules,
    };
  }

  begin(key: ByteString, options: BeginUploadOptions): Promise<Upload> {
    if (options.signal.aborted) return Promise.reject(options.signal.reason as Error);
    const id = `upload-${(this.#count += 1)}`;
    this.#open.set(id, { key, options, parts: new Map() });
    return Promise.resolve({ key, id });
  }

  putPart(
    upload: Upload,
    { index, offsetBytes, bytes, crc32c: expected }: PartToPut,
    signal: AbortSignal,
  ): Promise<UploadPart> {
    return this.#attempt(upload, signal, ({ key, parts }) => {
      if (expected !== undefined && crc32c(bytes) !== expected) throw damaged(key, 'a part is not what was to be sent');
      if (this.rules.isSequential && index > parts.size) throw outOfOrder(upload.key);
      parts.set(index, Uint8Array.from(bytes));
      const sum = crc32c(bytes);
      return { index, offsetBytes, sizeBytes: bytes.length, crc32c: sum, etag: sum.toString(16) };
    });
  }

  complete(
    upload: Upload,
    parts: readonly UploadPart[],
    { crc32c: expected, precondition, signal }: CompleteUploadOptions,
  ): Promise<ObjectRecord> {
    return this.#attempt(upload, signal, ({ key, options, parts: stored }) => {
      const chunks = parts.map(({ index }) => stored.get(index));
      if (chunks.includes(undefined)) throw damaged(key, 'a part is missing');
      const bytes = Buffer.concat(chunks.filter((chunk) => chunk !== undefined));
      if (bytes.length !== options.sizeBytes) throw damaged(key, 'its parts are not its size');
      if (expected !== undefined && crc32c(bytes) !== expected) throw damaged(key, 'its crc32c differs');
      const record = this.#put(key, bytes, { ...options, ...(precondition === undefined ? {} : { precondition }) });
      this.#open.delete(upload.id);
      return record;
    });
  }

  abort({ id }: Upload, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return Promise.resolve(this.#open.delete(id));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- nothing here waits, other stores do
  async *list(prefix: ByteString, signal: AbortSignal): AsyncGenerator<Upload> {
    for (const [id, { key }] of [...this.#open]) {
      signal.throwIfAborted();
      if (key.startsWith(prefix)) yield { key, id };
    }
  }

  #attempt<T>({ id, key }: Upload, signal: AbortSignal, act: (open: OpenUpload) => T): Promise<T> {
    return new Promise((resolve) => {
      signal.throwIfAborted();
      const open = this.#open.get(id);
      if (open === undefined) throw unknownUpload(key);
      resolve(act(open));
    });
  }
}

function unknownUpload(key: ByteString): StatusError {
  const message = `${displayText(key)}: the store does not know this upload, it was completed or aborted`;
  return new StatusError(Code.NOT_FOUND, message, { reason: 'UPLOAD_UNKNOWN' });
}

function outOfOrder(key: ByteString): StatusError {
  const message = `${displayText(key)}: the part before this one is missing`;
  return new StatusError(Code.OUT_OF_RANGE, message, { reason: 'UPLOAD_OUT_OF_ORDER' });
}

function damaged(key: ByteString, detail: string): StatusError {
  return new StatusError(Code.DATA_LOSS, `${displayText(key)}: ${detail}`, { reason: 'OBJECT_DAMAGED' });
}
