import { Code } from '../../../src/core/code.ts';
import { StatusError, type StatusErrorOptions } from '../../../src/core/status-error.ts';
import { MemoryStore } from '../../../src/stores/memory/memory-store.ts';
import type { ObjectRecord } from '../../../src/transfers/object-record.ts';
import type { ListOptions, ListPage, ReadOptions, WriteOptions } from '../../../src/transfers/object-store.ts';

export function unavailable(options: Partial<StatusErrorOptions> = {}): StatusError {
  return new StatusError(Code.UNAVAILABLE, 'k: it is away', { reason: 'CONNECTION_FAILED', ...options });
}

/** A MemoryStore whose next calls fail, in the order in which the failures were added; bodies and listings after some bytes or pages. */
export class FlakyStore extends MemoryStore {
  readonly failures: unknown[] = [];
  readonly calls: string[] = [];
  /** Bytes of a read, or pages of a listing, before its failure. */
  failAfter = 0;

  override stat(key: string, signal: AbortSignal): Promise<ObjectRecord | undefined> {
    return this.#fail(`stat ${key}`) ?? super.stat(key, signal);
  }

  override write(key: string, body: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<ObjectRecord> {
    return this.#fail(`write ${key}`) ?? super.write(key, body, options);
  }

  override async *read(key: string, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const failing = this.#fail(`read ${key} from ${options.offsetBytes ?? 0}`);
    failing?.catch(() => undefined);
    for await (const chunk of super.read(key, options)) {
      yield failing === undefined ? chunk : chunk.subarray(0, this.failAfter);
    }
    await failing;
  }

  override async *list(prefix: string, options: ListOptions): AsyncGenerator<ListPage> {
    const failing = this.#fail(`list after ${options.startAfter ?? ''}`);
    failing?.catch(() => undefined);
    let pageCount = 0;
    for await (const page of super.list(prefix, options)) {
      if (failing !== undefined && pageCount++ >= this.failAfter) await failing;
      yield page;
    }
    await failing;
  }

  #fail(call: string): Promise<never> | undefined {
    this.calls.push(call);
    return this.failures.length === 0 ? undefined : Promise.reject(this.failures.shift());
  }
}

export async function* text(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  let whole = '';
  for await (const chunk of body) whole += Buffer.from(chunk).toString();
  return whole;
}
