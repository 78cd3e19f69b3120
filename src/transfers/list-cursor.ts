import type { ByteString } from './byte-string.ts';
import type { ObjectMetadata } from './object-metadata.ts';
import type { ObjectRecord } from './object-record.ts';
import type { ListNote, ListPage } from './object-store.ts';
import type { FileAttributes } from './posix-metadata.ts';
import { present } from './present.ts';

const NO_PAGE: ListPage = { keys: [], sizesBytes: [], modifyTimesMs: [], notes: [], noteIndexes: [] };

/** A place in a listing: one record or note, in the order of keys. Reading is synchronous within a page. */
export class ListCursor {
  readonly #pages: AsyncIterator<ListPage>;
  #page = NO_PAGE;
  #record = 0;
  #note = 0;

  constructor(pages: AsyncIterable<ListPage>) {
    this.#pages = pages[Symbol.asyncIterator]();
  }

  #isEnded = false;

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** false: the page is used up, load() goes on. */
  get isReady(): boolean {
    return this.#record < this.#page.keys.length || this.#note < this.#page.notes.length;
  }

  /** One page on, which may be empty; false at the end of the listing. */
  async load(): Promise<boolean> {
    const next = await this.#pages.next();
    if (next.done === true) {
      this.#isEnded = true;
      return false;
    }
    this.#page = next.value;
    this.#record = 0;
    this.#note = 0;
    return true;
  }

  /** Whether the pages so far have told all up to this key: when they are used up and it was not among them, it is not there. */
  hasToldOf(key: ByteString): boolean {
    const { throughKey } = this.#page;
    return throughKey !== undefined && key <= throughKey;
  }

  /** The note here; undefined where a record is. */
  get note(): ListNote | undefined {
    const isBefore = (this.#page.noteIndexes[this.#note] ?? Infinity) <= this.#record;
    return isBefore ? this.#page.notes[this.#note] : undefined;
  }

  get key(): ByteString {
    return this.note?.key ?? present(this.#page.keys[this.#record]);
  }

  get sizeBytes(): number {
    return present(this.#page.sizesBytes[this.#record]);
  }

  get modifyTimeMs(): number {
    return present(this.#page.modifyTimesMs[this.#record]);
  }

  get crc32c(): number | undefined {
    return this.#page.crc32cs?.[this.#record];
  }

  get md5(): string | undefined {
    return this.#page.md5s?.[this.#record];
  }

  get etag(): string | undefined {
    return this.#page.etags?.[this.#record];
  }

  get metadata(): ObjectMetadata | undefined {
    return this.#page.metadata?.[this.#record];
  }

  /** All that the listing tells of the object here, as a stat() would have it. */
  get record(): ObjectRecord {
    const { key, sizeBytes, modifyTimeMs, crc32c, md5, etag, linkTarget, metadata } = this;
    return {
      key,
      sizeBytes,
      modifyTimeMs,
      ...(crc32c === undefined ? {} : { crc32c }),
      ...(md5 === undefined ? {} : { md5 }),
      ...(etag === undefined ? {} : { etag }),
      ...(linkTarget === undefined ? {} : { linkTarget }),
      ...(metadata === undefined ? {} : { metadata }),
    };
  }

  get version(): number | undefined {
    return this.#page.versions?.[this.#record];
  }

  get attributes(): FileAttributes | undefined {
    return this.#page.attributes?.[this.#record];
  }

  /** Of a symbolic link; undefined for any other object. */
  get linkTarget(): ByteString | undefined {
    return this.#page.linkTargets?.[this.#record];
  }

  advance(): void {
    if (this.note === undefined) this.#record += 1;
    else this.#note += 1;
  }

  async close(): Promise<void> {
    await this.#pages.return?.();
  }
}
