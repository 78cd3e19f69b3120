import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type {
  DeleteOptions,
  ListOptions,
  ListPage,
  ObjectStore,
  ReadOptions,
  StoreCapabilities,
  WriteOptions,
} from '../../transfers/object-store.ts';
import { pageOfRecords } from '../../transfers/page-of-records.ts';
import type { ObjectUploads } from '../../transfers/object-uploads.ts';
import { DecoratedUploads } from './decorated-uploads.ts';
import type { StoreCall, StoreCalls } from './store-calls.ts';

/** A store whose calls go through something that retries, throttles, measures or bounds them; it promises what the inner one does. */
export class DecoratedStore implements ObjectStore {
  readonly capabilities: StoreCapabilities;
  readonly uploads?: ObjectUploads;
  readonly copyObject?: NonNullable<ObjectStore['copyObject']>;
  readonly copyFrom?: NonNullable<ObjectStore['copyFrom']>;
  readonly lookUp?: NonNullable<ObjectStore['lookUp']>;
  readonly inner: ObjectStore;
  readonly #calls: StoreCalls;

  /** @param capabilities  where what is around the calls changes what they promise. */
  constructor(inner: ObjectStore, calls: StoreCalls, capabilities: StoreCapabilities = inner.capabilities) {
    this.inner = inner;
    this.#calls = calls;
    this.capabilities = capabilities;
    if (inner.uploads !== undefined) this.uploads = new DecoratedUploads(inner.uploads, calls);
    if (inner.copyObject !== undefined) {
      this.copyObject = (source, object, key, options) => this.#copyObject(source, object, key, options);
    }
    if (inner.lookUp !== undefined) this.lookUp = (keys, options) => this.#lookUp(keys, options);
    if (inner.copyFrom !== undefined) this.copyFrom = (source, options) => inner.copyFrom?.(innermost(source), options);
  }

  stat(key: ByteString, signal: AbortSignal): Promise<ObjectRecord | undefined> {
    return this.#call({ method: 'stat', sizeBytes: 0, isRepeatable: true, signal }, () => this.inner.stat(key, signal));
  }

  list(prefix: ByteString, options: ListOptions): AsyncIterable<ListPage> {
    return this.#calls.list?.(this.inner, prefix, options) ?? this.inner.list(prefix, options);
  }

  read(key: ByteString, options: ReadOptions): AsyncIterable<Uint8Array> {
    return this.#calls.read?.(this.inner, key, options) ?? this.inner.read(key, options);
  }

  write(key: ByteString, body: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<ObjectRecord> {
    const { signal } = options;
    return this.#call({ method: 'write', sizeBytes: 0, isRepeatable: false, signal }, () =>
      this.inner.write(key, this.#calls.body?.(body, signal) ?? body, options),
    );
  }

  delete(key: ByteString, signal: AbortSignal, options?: DeleteOptions): Promise<boolean> {
    return this.#call({ method: 'delete', sizeBytes: 0, isRepeatable: true, signal }, () =>
      this.inner.delete(key, signal, options),
    );
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  #copyObject(
    source: ObjectStore,
    object: ObjectRecord,
    key: ByteString,
    options: WriteOptions,
  ): Promise<ObjectRecord> | undefined {
    const copy = (): Promise<ObjectRecord> | undefined =>
      this.inner.copyObject?.(innermost(source), object, key, options);
    // Whether it can be done is said at once: only then is there something to be done around it.
    const first = copy();
    if (first === undefined) return undefined;
    // Whoever stops before it is looked at does not look at it.
    first.catch(() => undefined);
    const call: StoreCall = { method: 'copy', sizeBytes: 0, isRepeatable: true, signal: options.signal };
    let isFirst = true;
    return this.#call(call, () => {
      const copying = isFirst ? first : (copy() ?? first);
      isFirst = false;
      return copying;
    });
  }

  #lookUp(...[keys, options]: Parameters<NonNullable<ObjectStore['lookUp']>>): Promise<ListPage> {
    const call: StoreCall = { method: 'stat', sizeBytes: 0, isRepeatable: true, signal: options.signal };
    const { inner } = this;
    return this.#call(call, async () => inner.lookUp?.(keys, options) ?? pageOfRecords([]));
  }

  #call<T>(call: StoreCall, act: () => Promise<T>): Promise<T> {
    return this.#calls.call === undefined ? act() : this.#calls.call(call, act);
  }
}

/** The store itself, for those that know their like. */
export function innermost(store: ObjectStore): ObjectStore {
  return store instanceof DecoratedStore ? innermost(store.inner) : store;
}
