import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { ListOptions, ListPage, ObjectStore, ReadOptions } from '../../transfers/object-store.ts';
import { DecoratedStore } from './decorated-store.ts';
import { RetryLoop, type RetryOptions } from './retry-loop.ts';
import type { StoreCall, StoreCalls } from './store-calls.ts';

/**
 * Repeats what failed for a passing reason: calls as they are, listings behind the last key, bodies behind the last byte of the
 * same object. A write is not repeated, as its body has passed: it fails with the transient error, for the caller to begin anew.
 */
export function retryingStore(inner: ObjectStore, options: RetryOptions): ObjectStore {
  return new DecoratedStore(inner, new RetryingCalls(options));
}

class RetryingCalls implements StoreCalls {
  readonly #options: RetryOptions;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  async call<T>({ isRepeatable, signal }: StoreCall, act: () => Promise<T>): Promise<T> {
    const loop = new RetryLoop(this.#options, signal);
    for (;;) {
      try {
        const result = await act();
        loop.succeeded();
        return result;
      } catch (error) {
        if (!isRepeatable) throw error;
        await loop.failed(error);
      }
    }
  }

  async *list(inner: ObjectStore, prefix: ByteString, options: ListOptions): AsyncGenerator<ListPage> {
    const loop = new RetryLoop(this.#options, options.signal);
    let position = options;
    for (;;) {
      try {
        for await (const page of inner.list(prefix, position)) {
          loop.progressed();
          yield page;
          const last = page.keys.at(-1);
          if (last !== undefined) position = { ...options, startAfter: last };
        }
        loop.succeeded();
        return;
      } catch (error) {
        // Without order nobody knows what has been listed already.
        if (position !== options && !inner.capabilities.listsInByteOrder) throw error;
        await loop.failed(error);
      }
    }
  }

  async *read(inner: ObjectStore, key: ByteString, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const { offsetBytes = 0, lengthBytes = Infinity, expect, onRecord, signal } = options;
    const loop = new RetryLoop(this.#options, signal);
    let doneBytes = 0;
    let record: ObjectRecord | undefined;
    const noteRecord = (told: ObjectRecord): void => {
      if (record === undefined) onRecord?.(told);
      record ??= told;
    };
    for (;;) {
      try {
        const pin = record ?? expect;
        const from = { offsetBytes: offsetBytes + doneBytes, lengthBytes: lengthBytes - doneBytes };
        const more = { ...(pin === undefined ? {} : { expect: pin }), onRecord: noteRecord, signal };
        const range = lengthBytes === Infinity ? { offsetBytes: from.offsetBytes } : from;
        for await (const chunk of inner.read(key, { ...range, ...more })) {
          if (chunk.length > 0) loop.progressed();
          doneBytes += chunk.length;
          yield chunk;
        }
        loop.succeeded();
        return;
      } catch (error) {
        await loop.failed(error);
      }
    }
  }
}
