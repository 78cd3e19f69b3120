import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type {
  ListOptions,
  ListPage,
  ObjectStore,
  ReadOptions,
  StoreCapabilities,
} from '../../transfers/object-store.ts';
import type { WebClient } from '../web/web-client.ts';
import { FollowingClient } from './following-client.ts';
import type { HttpListLimits } from './limits.ts';
import { ListedPage } from './listed-page.ts';
import { readUrlList } from './read-url-list.ts';
import { Robots } from './robots.ts';
import type { ListedUrl } from './url-list.ts';
import { UrlReader } from './url-reader.ts';

export interface HttpListStoreOptions {
  /** Whom it may ask is the client's egress policy. Belongs to its owner, who closes it. */
  readonly client: WebClient;
  readonly clock: Clock;
  readonly limits: HttpListLimits;
  /** Of the list: http or https; or its bytes, where it is an object of another store. */
  readonly list: string | AsyncIterable<Uint8Array>;
}

/**
 * The URLs of a list as objects: to be read only, under `hostname/path`.
 *
 * A list tells sizes and MD5s, but no modification time: those are 0. Sizes that it leaves out are asked for while it is listed. An etag
 * is the server's, or else its Last-Modified. Every address, those that redirects name too, is asked for only where its host's robots.txt allows it.
 */
export class HttpListStore implements ObjectStore {
  readonly capabilities: StoreCapabilities = {
    listsInByteOrder: true,
    acceptsAnyBytes: false,
    hasDirectories: false,
    modifyTimeGrainMs: 0.001,
    hasAttributes: false,
    hasLinks: false,
    hasMetadata: true,
    assignsModifyTime: true,
    listsMetadata: false,
    preconditions: [],
  };
  readonly #objects: readonly ListedUrl[];
  readonly #reader: UrlReader;
  readonly #limits: HttpListLimits;

  private constructor(objects: readonly ListedUrl[], reader: UrlReader, limits: HttpListLimits) {
    this.#objects = objects;
    this.#reader = reader;
    this.#limits = limits;
  }

  /** Reads the list. @throws StatusError when it cannot be had, or is none. */
  static async open(options: HttpListStoreOptions, signal: AbortSignal): Promise<HttpListStore> {
    const { client, clock, limits, list } = options;
    const plain = new FollowingClient(client, limits.redirectCountMax);
    const objects = await readUrlList(list, plain, limits, signal);
    const robots = new Robots(plain, limits, clock);
    const gated = new FollowingClient(client, limits.redirectCountMax, robots.mustAllow);
    return new HttpListStore(objects, new UrlReader(gated), limits);
  }

  async stat(key: ByteString, signal: AbortSignal): Promise<ObjectRecord | undefined> {
    signal.throwIfAborted();
    const object = this.#find(key);
    if (object === undefined) return undefined;
    return this.#reader.stat(object, signal).catch((error: unknown) => {
      if (error instanceof StatusError && error.code === Code.NOT_FOUND) return undefined;
      throw error;
    });
  }

  async *list(prefix: ByteString, { startAfter, signal }: ListOptions): AsyncGenerator<ListPage> {
    signal.throwIfAborted();
    const { listPageCountMax, sizeQuestionsInFlightMax } = this.#limits;
    let from = this.#firstFrom(prefix);
    if (startAfter !== undefined && startAfter >= prefix) {
      from = this.#firstFrom(startAfter);
      if (this.#objects[from]?.key === startAfter) from += 1;
    }
    for (;;) {
      const objects = this.#objects.slice(from, from + listPageCountMax).filter(({ key }) => key.startsWith(prefix));
      if (objects.length === 0) return;
      const page = new ListedPage(objects);
      await page.completeSizes((object) => this.#reader.stat(object, signal), sizeQuestionsInFlightMax);
      signal.throwIfAborted();
      yield page.toPage();
      from += listPageCountMax;
    }
  }

  async *read(key: ByteString, options: ReadOptions): AsyncGenerator<Uint8Array> {
    options.signal.throwIfAborted();
    const object = this.#find(key);
    if (object !== undefined) yield* this.#reader.read(object, options);
    else
      throw new StatusError(Code.NOT_FOUND, `${displayText(key)}: the list of URLs does not name it`, {
        reason: 'OBJECT_NOT_FOUND',
      });
  }

  write(key: ByteString): Promise<ObjectRecord> {
    return Promise.reject(readOnly(key, 'written'));
  }

  delete(key: ByteString): Promise<boolean> {
    return Promise.reject(readOnly(key, 'deleted'));
  }

  /** What it is made of belongs to others. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  #find(key: ByteString): ListedUrl | undefined {
    const object = this.#objects[this.#firstFrom(key)];
    return object?.key === key ? object : undefined;
  }

  /** The index of the first object whose key is `key` or behind it. */
  #firstFrom(key: ByteString): number {
    let low = 0;
    let high = this.#objects.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#objects[middle]?.key ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function readOnly(key: ByteString, what: string): StatusError {
  const text = `${displayText(key)}: it cannot be ${what}, as objects of a list of URLs can only be read`;
  return new StatusError(Code.UNIMPLEMENTED, text, { reason: 'STORE_READ_ONLY', isFinal: true });
}
