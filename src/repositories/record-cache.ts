import type { Operation } from '../operations/operation.ts';
import { sizeOf } from './record-size.ts';

export interface RecordCacheLimits {
  /** Records kept. */
  readonly cacheRecordsMax: number;
  /** Their size, bytes. */
  readonly cacheBytesMax: number;
}

/** Records that came into use at about the same time. */
class Generation {
  readonly #records = new Map<string, { readonly record: Operation; readonly bytes: number }>();
  #bytes = 0;

  get count(): number {
    return this.#records.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(name: string): Operation | undefined {
    return this.#records.get(name)?.record;
  }

  put(record: Operation, bytes: number): void {
    this.#records.set(record.name, { record, bytes });
    this.#bytes += bytes;
  }

  delete(name: string): void {
    const found = this.#records.get(name);
    if (found === undefined) return;
    this.#records.delete(name);
    this.#bytes -= found.bytes;
  }
}

/**
 * Committed records by name. It holds what the database holds and nothing else: the replies of its thread are put here in the order
 * in which the thread made them.
 *
 * Two generations, each half of what may be kept: what is asked for moves to the younger, and when that is full the older is dropped
 * whole. A list in the exact order of use would be written anew with every Get, and that was most of what a Get cost here.
 */
export class RecordCache {
  readonly #recordsMax: number;
  readonly #bytesMax: number;
  #younger = new Generation();
  #older = new Generation();

  constructor({ cacheRecordsMax, cacheBytesMax }: RecordCacheLimits) {
    this.#recordsMax = cacheRecordsMax / 2;
    this.#bytesMax = cacheBytesMax / 2;
  }

  get(name: string): Operation | undefined {
    const young = this.#younger.get(name);
    if (young !== undefined) return young;
    const old = this.#older.get(name);
    if (old !== undefined) this.put(old);
    return old;
  }

  /** A record that is larger than half of what may be kept is not. */
  put(record: Operation): void {
    this.delete(record.name);
    const bytes = sizeOf(record);
    if (bytes > this.#bytesMax) return;
    if (this.#younger.count + 1 > this.#recordsMax || this.#younger.bytes + bytes > this.#bytesMax) {
      this.#older = this.#younger;
      this.#younger = new Generation();
    }
    this.#younger.put(record, bytes);
  }

  delete(name: string): void {
    this.#younger.delete(name);
    this.#older.delete(name);
  }

  /** Records held, and their bytes. */
  get size(): { readonly records: number; readonly bytes: number } {
    return { records: this.#younger.count + this.#older.count, bytes: this.#younger.bytes + this.#older.bytes };
  }
}
