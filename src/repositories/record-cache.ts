import type { Operation } from '../operations/operation.ts';
import { sizeOf } from './operation-row.ts';

export interface RecordCacheLimits {
  /** Records kept. */
  readonly cacheRecordsMax: number;
  /** Their size, bytes. */
  readonly cacheBytesMax: number;
}

/** Of what may be kept, one part in so many is dropped to make room. */
const DROPPED_PART = 16;

/**
 * Committed records by name, the least recently used dropped first. It holds what the database holds and nothing else: the
 * replies of its thread are put here in the order in which the thread made them.
 */
export class RecordCache {
  readonly #limits: RecordCacheLimits;
  readonly #records = new Map<string, { readonly record: Operation; readonly bytes: number }>();
  #bytes = 0;

  constructor(limits: RecordCacheLimits) {
    this.#limits = limits;
  }

  get(name: string): Operation | undefined {
    const found = this.#records.get(name);
    if (found === undefined) return undefined;
    this.#records.delete(name);
    this.#records.set(name, found);
    return found.record;
  }

  put(record: Operation): void {
    this.delete(record.name);
    const bytes = sizeOf(record);
    if (bytes > this.#limits.cacheBytesMax) return;
    this.#records.set(record.name, { record, bytes });
    this.#bytes += bytes;
    if (this.#records.size > this.#limits.cacheRecordsMax || this.#bytes > this.#limits.cacheBytesMax) this.#shrink();
  }

  delete(name: string): void {
    const found = this.#records.get(name);
    if (found === undefined) return;
    this.#records.delete(name);
    this.#bytes -= found.bytes;
  }

  /** Records held, and their bytes. */
  get size(): { readonly records: number; readonly bytes: number } {
    return { records: this.#records.size, bytes: this.#bytes };
  }

  /**
   * Drops some at once. A Map looks for its first entry past all that were deleted before it since it last grew: one by one, that was a
   * sixth of what creating operations costs.
   */
  #shrink(): void {
    const recordsLeft = leftOf(this.#limits.cacheRecordsMax);
    const bytesLeft = leftOf(this.#limits.cacheBytesMax);
    for (const name of this.#records.keys()) {
      if (this.#records.size <= recordsLeft && this.#bytes <= bytesLeft) return;
      this.delete(name);
    }
  }
}

function leftOf(max: number): number {
  return max - Math.floor(max / DROPPED_PART);
}
