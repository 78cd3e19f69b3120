import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectStore, ReadOptions } from '../../transfers/object-store.ts';
import type { ConcurrencyGate } from './concurrency-gate.ts';
import { DecoratedStore } from './decorated-store.ts';
import type { StoreCall, StoreCalls } from './store-calls.ts';

/** Bounds the calls at once to an endpoint by a gate that adapts; a listing, one call at a time as it is, passes. */
export function boundingStore(inner: ObjectStore, gate: ConcurrencyGate): ObjectStore {
  return new DecoratedStore(inner, new BoundingCalls(gate));
}

class BoundingCalls implements StoreCalls {
  readonly #gate: ConcurrencyGate;

  constructor(gate: ConcurrencyGate) {
    this.#gate = gate;
  }

  async call<T>({ sizeBytes, signal }: StoreCall, act: () => Promise<T>): Promise<T> {
    const leave = await this.#gate.enter(signal);
    let isSlowedDown = false;
    try {
      return await act();
    } catch (error) {
      isSlowedDown = isSlowDown(error);
      throw error;
    } finally {
      leave({ sizeBytes, isSlowedDown });
    }
  }

  async *read(inner: ObjectStore, key: ByteString, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const leave = await this.#gate.enter(options.signal);
    let sizeBytes = 0;
    let isSlowedDown = false;
    try {
      for await (const chunk of inner.read(key, options)) {
        sizeBytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      isSlowedDown = isSlowDown(error);
      throw error;
    } finally {
      leave({ sizeBytes, isSlowedDown });
    }
  }
}

/** 429 and 503, whatever a service calls them. */
function isSlowDown(error: unknown): boolean {
  if (!(error instanceof StatusError) || error.isFinal) return false;
  return error.code === Code.RESOURCE_EXHAUSTED || error.info.reason === 'SLOW_DOWN';
}
