import type { ListPage, ListOptions, ObjectStore, ReadOptions } from '../../transfers/object-store.ts';
import type { ByteString } from '../../transfers/byte-string.ts';

/** One call of a store that is answered once. */
export interface StoreCall {
  readonly method: 'stat' | 'write' | 'delete' | 'copy' | 'begin' | 'put-part' | 'complete' | 'abort';
  /** Bytes that go to the store with it, where they are there beforehand; a body is told as it passes. */
  readonly sizeBytes: number;
  /** Whether it may be done again after a failure: a body has passed only once. */
  readonly isRepeatable: boolean;
  readonly signal: AbortSignal;
}

/** What a decorator does around the calls of a store; what it leaves out passes as it is. */
export interface StoreCalls {
  call?<T>(call: StoreCall, act: () => Promise<T>): Promise<T>;
  list?(inner: ObjectStore, prefix: ByteString, options: ListOptions): AsyncIterable<ListPage>;
  read?(inner: ObjectStore, key: ByteString, options: ReadOptions): AsyncIterable<Uint8Array>;
  /** The body of a write, on its way to the store. */
  body?(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array>;
}
