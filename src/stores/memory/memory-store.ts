import { crc32c } from '@node-rs/crc32';
import { createHash } from 'node:crypto';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import { isSameTime } from '../../transfers/delta.ts';
import type { ObjectMetadata } from '../../transfers/object-metadata.ts';
import type { ObjectRecord, WritePrecondition } from '../../transfers/object-record.ts';
import type {
  DeleteOptions,
  ListOptions,
  ListPage,
  ObjectStore,
  ReadOptions,
  StoreCapabilities,
  WriteOptions,
} from '../../transfers/object-store.ts';
import type { UploadRules } from '../../transfers/object-uploads.ts';
import { MemoryUploads } from './memory-uploads.ts';

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly record: ObjectRecord;
  readonly version: number;
}

const PAGE_COUNT = 100;

/** What a memory store is to be like; it can do everything unless it is told not to. */
export interface MemoryStoreOptions {
  readonly capabilities?: Partial<StoreCapabilities>;
  readonly rules?: Partial<UploadRules>;
  /** Objects tell no checksums. */
  readonly hidesHashes?: boolean;
  /** Where `assignsModifyTime` is set. */
  readonly now?: () => number;
}

/** Objects in memory, in no directories: the model that contract tests compare other stores with. */
export class MemoryStore implements ObjectStore {
  readonly capabilities: StoreCapabilities;
  readonly uploads: MemoryUploads;
  readonly #options: MemoryStoreOptions;
  readonly #objects = new Map<ByteString, StoredObject>();
  #version = 0;

  constructor(options: MemoryStoreOptions = {}) {
    this.#options = options;
    this.capabilities = {
      listsInByteOrder: true,
      acceptsAnyBytes: true,
      hasDirectories: false,
      modifyTimeGrainMs: 0.001,
      hasAttributes: false,
      hasLinks: false,
      hasMetadata: true,
      assignsModifyTime: false,
      listsMetadata: true,
      preconditions: ['absent', 'etag'],
      ...options.capabilities,
    };
    this.uploads = new MemoryUploads((key, bytes, begun) => this.#put(key, bytes, begun), options.rules);
  }

  stat(key: ByteString, signal: AbortSignal): Promise<ObjectRecord | undefined> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return Promise.resolve(this.#objects.get(key)?.record);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- nothing here waits, other stores do
  async *list(prefix: ByteString, { startAfter, signal }: ListOptions): AsyncGenerator<ListPage> {
    let after = startAfter;
    for (;;) {
      signal.throwIfAborted();
      const keys = this.#keysAfter(prefix, after).slice(0, PAGE_COUNT);
      if (keys.length === 0) return;
      yield this.#page(keys);
      after = keys.at(-1);
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async *read(key: ByteString, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const { offsetBytes = 0, lengthBytes = Infinity, expect, onRecord, signal } = options;
    signal.throwIfAborted();
    const object = this.#objects.get(key);
    if (object === undefined) throw error(Code.NOT_FOUND, key, 'it is not there');
    if (expect !== undefined && !isExpected(object.record, expect)) throw changed(key);
    onRecord?.(object.record);
    const chunk = object.bytes.slice(offsetBytes, Math.min(offsetBytes + lengthBytes, object.bytes.length));
    if (chunk.length > 0) yield chunk;
  }

  async write(key: ByteString, body: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<ObjectRecord> {
    const { sizeBytes, signal } = options;
    const chunks: Uint8Array[] = [];
    signal.throwIfAborted();
    for await (const chunk of body) {
      signal.throwIfAborted();
      chunks.push(Uint8Array.from(chunk));
    }
    signal.throwIfAborted();
    const bytes = Buffer.concat(chunks);
    if (sizeBytes !== undefined && bytes.length !== sizeBytes) {
      throw error(Code.DATA_LOSS, key, `${bytes.length} bytes came of ${sizeBytes}`);
    }
    return this.#put(key, bytes, options);
  }

  delete(key: ByteString, signal: AbortSignal, { expect }: DeleteOptions = {}): Promise<boolean> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const object = this.#objects.get(key);
    if (object !== undefined && expect !== undefined && !isExpected(object.record, expect)) {
      return Promise.reject(changed(key));
    }
    return Promise.resolve(this.#objects.delete(key));
  }

  copyObject(
    source: ObjectStore,
    object: ObjectRecord,
    key: ByteString,
    options: WriteOptions,
  ): Promise<ObjectRecord> | undefined {
    if (!(source instanceof MemoryStore)) return undefined;
    const { metadata, ...rest } = object;
    const body = source.read(object.key, { expect: rest, signal: options.signal });
    return this.write(key, body, { ...(metadata === undefined ? {} : { metadata }), ...options });
  }

  close(): Promise<void> {
    this.#objects.clear();
    return Promise.resolve();
  }

  #put(
    key: ByteString,
    bytes: Uint8Array,
    { modifyTimeMs, metadata, precondition }: Pick<WriteOptions, 'modifyTimeMs' | 'metadata' | 'precondition'>,
  ): ObjectRecord {
    if (!this.#holds(key, precondition)) throw changed(key);
    const version = (this.#version += 1);
    const hashes = { crc32c: crc32c(bytes), md5: createHash('md5').update(bytes).digest('hex') };
    const record: ObjectRecord = {
      key,
      sizeBytes: bytes.length,
      modifyTimeMs: this.capabilities.assignsModifyTime ? (this.#options.now?.() ?? Date.now()) : modifyTimeMs,
      ...(this.#options.hidesHashes === true ? {} : hashes),
      etag: String(version),
      ...(metadata === undefined ? {} : { metadata }),
    };
    this.#objects.set(key, { bytes, record, version });
    return record;
  }

  #holds(key: ByteString, precondition: WritePrecondition | undefined): boolean {
    const etag = this.#objects.get(key)?.record.etag;
    if (precondition === undefined) return true;
    return precondition.kind === 'absent' ? etag === undefined : etag === precondition.etag;
  }

  #keysAfter(prefix: ByteString, after: ByteString | undefined): readonly ByteString[] {
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix));
    return keys.filter((key) => after === undefined || key > after).sort((a, b) => (a < b ? -1 : 1));
  }

  #page(keys: readonly ByteString[]): ListPage {
    const objects = keys.flatMap((key) => this.#objects.get(key) ?? []);
    const column = <T>(value: (record: ObjectRecord) => T): readonly T[] => objects.map(({ record }) => value(record));
    return {
      keys: column(({ key }) => key),
      sizesBytes: column(({ sizeBytes }) => sizeBytes),
      modifyTimesMs: column(({ modifyTimeMs }) => modifyTimeMs),
      crc32cs: column((record) => record.crc32c),
      md5s: column(({ md5 }) => md5),
      etags: column(({ etag }) => etag),
      ...(this.capabilities.listsMetadata
        ? { metadata: column<ObjectMetadata | undefined>((record) => record.metadata) }
        : {}),
      versions: objects.map(({ version }) => version),
      notes: [],
      noteIndexes: [],
    };
  }
}

function isExpected(record: ObjectRecord, expect: NonNullable<ReadOptions['expect']>): boolean {
  if (record.sizeBytes !== expect.sizeBytes) return false;
  if (expect.etag !== undefined) return record.etag === expect.etag;
  return isSameTime(record.modifyTimeMs, expect.modifyTimeMs, 0.001);
}

function changed(key: ByteString): StatusError {
  const message = `${displayText(key)}: it is not the object that was expected any more`;
  return new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'OBJECT_CHANGED' });
}

function error(code: Code, key: ByteString, detail: string): StatusError {
  return new StatusError(code, `${displayText(key)}: ${detail}`, { reason: 'OBJECT_UNAVAILABLE' });
}
