import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { ListOptions, ListPage, ObjectStore, ReadOptions } from '../../transfers/object-store.ts';
import { DecoratedStore } from './decorated-store.ts';
import type { EndpointMeasures } from './endpoint-measures.ts';
import type { StoreCall, StoreCalls } from './store-calls.ts';

export interface MeasuringOptions {
  readonly clock: Clock;
  /** Of the endpoint, shared by all that call it. */
  readonly measures: EndpointMeasures;
}

/** Counts calls, their bytes, failures and durations. What its caller breaks off is counted as it stands. */
export function measuringStore(inner: ObjectStore, options: MeasuringOptions): ObjectStore {
  return new DecoratedStore(inner, new MeasuringCalls(options));
}

class MeasuringCalls implements StoreCalls {
  readonly #options: MeasuringOptions;

  constructor(options: MeasuringOptions) {
    this.#options = options;
  }

  async call<T>({ sizeBytes }: StoreCall, act: () => Promise<T>): Promise<T> {
    const end = this.#begin();
    try {
      const result = await act();
      this.#options.measures.wrote(sizeBytes);
      end();
      return result;
    } catch (error) {
      end(error);
      throw error;
    }
  }

  list(inner: ObjectStore, prefix: ByteString, options: ListOptions): AsyncIterable<ListPage> {
    return this.#each(inner.list(prefix, options), () => undefined);
  }

  read(inner: ObjectStore, key: ByteString, options: ReadOptions): AsyncIterable<Uint8Array> {
    return this.#each(inner.read(key, options), (chunk) => {
      this.#options.measures.read(chunk.length);
    });
  }

  async *body(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      this.#options.measures.wrote(chunk.length);
      yield chunk;
    }
  }

  async *#each<T>(items: AsyncIterable<T>, note: (item: T) => void): AsyncGenerator<T> {
    const end = this.#begin();
    let failure: readonly [unknown] | [] = [];
    try {
      for await (const item of items) {
        note(item);
        yield item;
      }
    } catch (error) {
      failure = [error];
      throw error;
    } finally {
      end(...failure);
    }
  }

  #begin(): (...failure: readonly [unknown] | []) => void {
    const { clock, measures } = this.#options;
    const startMs = clock.monotonic();
    return (...failure) => {
      const durationMs = clock.monotonic() - startMs;
      if (failure.length === 0) measures.ended(durationMs);
      else measures.ended(durationMs, failure[0] instanceof StatusError ? failure[0].code : Code.UNKNOWN);
    };
  }
}
