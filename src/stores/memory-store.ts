import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { displayText, type ByteString } from '../transfers/byte-string.ts';
import { isSameTime } from '../transfers/delta.ts';
import type {
  ListOptions,
  ListPage,
  ObjectRecord,
  ObjectStore,
  ReadOptions,
  StoreCapabilities,
  WriteOptions,
} from '../transfers/object-store.ts';

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly record: ObjectRecord;
  readonly version: number;
}

const PAGE_COUNT = 100;

/** Objects in memory, in no directories: the model that contract tests compare other stores with. */
export class MemoryStore implements ObjectStore {
  readonly capabilities: StoreCapabilities = {
    listsInByteOrder: true,
    acceptsAnyBytes: true,
    hasDirectories: false,
    modifyTimeGrainMs: 0.001,
    hasAttributes: false,
    hasLinks: false,
  };
  readonly #objects = new Map<ByteString, StoredObject>();
  #version = 0;

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
  async *read(key: ByteString, { offsetBytes = 0, expect, signal }: ReadOptions): AsyncGenerator<Uint8Array> {
    signal.throwIfAborted();
    const object = this.#objects.get(key);
    if (object === undefined) throw error(Code.NOT_FOUND, key, 'it is not there');
    if (expect !== undefined && !isExpected(object.record, expect)) {
      throw error(Code.FAILED_PRECONDITION, key, 'it is not the object that was expected any more');
    }
    if (offsetBytes < object.bytes.length) yield object.bytes.slice(offsetBytes);
  }

  async write(
    key: ByteString,
    body: AsyncIterable<Uint8Array>,
    { modifyTimeMs, signal }: WriteOptions,
  ): Promise<ObjectRecord> {
    const chunks: Uint8Array[] = [];
    signal.throwIfAborted();
    for await (const chunk of body) {
      signal.throwIfAborted();
      chunks.push(chunk.slice());
    }
    signal.throwIfAborted();
    const bytes = Buffer.concat(chunks);
    const record = { key, sizeBytes: bytes.length, modifyTimeMs };
    this.#objects.set(key, { bytes, record, version: (this.#version += 1) });
    return record;
  }

  delete(key: ByteString, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return Promise.resolve(this.#objects.delete(key));
  }

  close(): Promise<void> {
    this.#objects.clear();
    return Promise.resolve();
  }

  #keysAfter(prefix: ByteString, after: ByteString | undefined): readonly ByteString[] {
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix));
    return keys.filter((key) => after === undefined || key > after).sort((a, b) => (a < b ? -1 : 1));
  }

  #page(keys: readonly ByteString[]): ListPage {
    const objects = keys.flatMap((key) => this.#objects.get(key) ?? []);
    return {
      keys: objects.map(({ record }) => record.key),
      sizesBytes: objects.map(({ record }) => record.sizeBytes),
      modifyTimesMs: objects.map(({ record }) => record.modifyTimeMs),
      versions: objects.map(({ version }) => version),
      notes: [],
      noteIndexes: [],
    };
  }
}

function isExpected(record: ObjectRecord, expect: Pick<ObjectRecord, 'sizeBytes' | 'modifyTimeMs'>): boolean {
  return record.sizeBytes === expect.sizeBytes && isSameTime(record.modifyTimeMs, expect.modifyTimeMs, 0.001);
}

function error(code: Code, key: ByteString, detail: string): StatusError {
  return new StatusError(code, `${displayText(key)}: ${detail}`, { reason: 'OBJECT_UNAVAILABLE' });
}
