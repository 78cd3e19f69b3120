import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import { STILL_PAGE_COUNT_MAX } from './limits.ts';

/**
 * Sees to it that a listing goes on, page by page, or fails.
 *
 * What a page says of where to go on differs from page to page. It is compared with that of a page before, which is every first,
 * second, fourth, eighth … page in turn (Brent's way to find cycles): one of any length is found within three times its pages, in
 * the memory of one token.
 */
export class ListingProgress {
  readonly #resource: string;
  readonly #stillPageCountMax: number;
  #marked: ByteString | undefined;
  #pageCount = 0;
  #markAt = 1;
  #lastKey: ByteString | undefined;
  #stillPageCount = 0;

  /** @param stillPageCountMax  pages one after the other that may bring no new key: services answer empty pages over what is deleted. */
  constructor(resource: string, stillPageCountMax = STILL_PAGE_COUNT_MAX) {
    this.#resource = resource;
    this.#stillPageCountMax = stillPageCountMax;
  }

  /**
   * For each page behind which the listing goes on.
   *
   * @param token  where it goes on.
   * @param lastKey  of the page; undefined where it is empty.
   * @throws StatusError UNAVAILABLE (reason ANSWER_MALFORMED) when the listing stands still.
   */
  goesOn(token: ByteString, lastKey: ByteString | undefined): void {
    if (token === this.#marked) throw this.#standsStill('it goes on where it was already');
    this.#pageCount += 1;
    if (this.#pageCount === this.#markAt) {
      this.#marked = token;
      this.#markAt *= 2;
    }
    const isStill = lastKey === undefined || lastKey === this.#lastKey;
    this.#stillPageCount = isStill ? this.#stillPageCount + 1 : 0;
    this.#lastKey = lastKey ?? this.#lastKey;
    if (this.#stillPageCount > this.#stillPageCountMax) {
      throw this.#standsStill(`${this.#stillPageCount} pages one after the other brought no new name`);
    }
  }

  #standsStill(detail: string): StatusError {
    const resource = this.#resource;
    const text = `${resource}: the service's listing does not end: ${detail}`;
    return new StatusError(Code.UNAVAILABLE, text, { reason: 'ANSWER_MALFORMED', metadata: { resource } });
  }
}
