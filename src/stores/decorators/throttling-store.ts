import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectStore, ReadOptions } from '../../transfers/object-store.ts';
import type { ByteRate } from './byte-rate.ts';
import { DecoratedStore } from './decorated-store.ts';
import type { StoreCall, StoreCalls } from './store-calls.ts';

/** Holds the bytes of objects, in both directions, to a rate that is shared with others. */
export function throttlingStore(inner: ObjectStore, rate: ByteRate): ObjectStore {
  return new DecoratedStore(inner, new ThrottlingCalls(rate));
}

class ThrottlingCalls implements StoreCalls {
  readonly #rate: ByteRate;

  constructor(rate: ByteRate) {
    this.#rate = rate;
  }

  async call<T>({ sizeBytes, signal }: StoreCall, act: () => Promise<T>): Promise<T> {
    if (sizeBytes > 0) await this.#rate.take(sizeBytes, signal);
    return act();
  }

  read(inner: ObjectStore, key: ByteString, options: ReadOptions): AsyncIterable<Uint8Array> {
    return this.body(inner.read(key, options), options.signal);
  }

  async *body(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      const wait = this.#rate.take(chunk.length, signal);
      if (wait !== undefined) await wait;
      yield chunk;
    }
  }
}
