import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { byteStringOf, type ByteString } from '../../transfers/byte-string.ts';
import { STAGING_PREFIX } from '../../transfers/staging-name.ts';
import { ListingProgress } from '../web/listing-progress.ts';
import { readListPage, type RawListPage } from './list-page.ts';
import { percentDecode } from './percent-encode.ts';
import type { S3Bucket } from './s3-bucket.ts';

/** Objects of one answer, with whole keys. */
export type S3ListPage = Omit<RawListPage, 'isEncoded' | 'prefixEcho'>;

/** Has a space and a plus, and no object: what the service makes of it tells how it encodes keys. */
const ECHO_PREFIX = `${STAGING_PREFIX}echo +`;

/** ListObjectsV2, or the older ListObjects, page by page, the next one on its way while one is looked at. */
export class S3Lister {
  readonly #bucket: S3Bucket;
  readonly #pageCountMax: number;
  #isPlusSpace: Promise<boolean> | undefined;

  constructor(bucket: S3Bucket, pageCountMax: number) {
    this.#bucket = bucket;
    this.#pageCountMax = pageCountMax;
  }

  /** Keys in the order in which the service has them. */
  async *pages(
    prefix: ByteString,
    startAfter: ByteString | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<S3ListPage> {
    const own = new AbortController();
    const both = AbortSignal.any([signal, own.signal]);
    const progress = new ListingProgress(this.#bucket.resource(undefined));
    try {
      let coming: Promise<S3ListPage> | undefined = this.#page(
        { prefix, ...(startAfter === undefined ? {} : this.#behind(startAfter)) },
        both,
      );
      while (coming !== undefined) {
        const page: S3ListPage = await coming;
        coming = page.isTruncated ? this.#page({ prefix, ...this.#continuation(page, progress) }, both) : undefined;
        // Looked at when its turn comes.
        coming?.catch(() => undefined);
        yield page;
      }
    } finally {
      own.abort();
    }
  }

  /** @throws StatusError UNAVAILABLE (reason ANSWER_MALFORMED) where there is none, or the listing stands still. */
  #continuation({ nextToken, keys }: S3ListPage, progress: ListingProgress): Record<string, ByteString> {
    const last = keys.at(-1);
    const isToken = nextToken !== undefined && nextToken !== '';
    const where = isToken ? nextToken : last;
    if (where !== undefined) {
      progress.goesOn(where, last);
      return isToken ? { 'continuation-token': where } : this.#behind(where);
    }
    const resource = this.#bucket.resource(undefined);
    const text = `${resource}: the service says that its listing goes on, and not where`;
    throw new StatusError(Code.UNAVAILABLE, text, { reason: 'ANSWER_MALFORMED', metadata: { resource } });
  }

  #behind(key: ByteString): Record<string, ByteString> {
    return this.#bucket.place.listsByMarker === true ? { marker: key } : { 'start-after': key };
  }

  async #page(query: Record<string, ByteString>, signal: AbortSignal): Promise<S3ListPage> {
    const { isEncoded, prefixEcho: _, ...page } = await this.#request(query, signal);
    if (!isEncoded) return page;
    // Only a plus can be read in two ways, and it is rare.
    const isPlusSpace = page.keys.some((key) => key.includes('+')) && (await this.#plusIsSpace(signal));
    const keys = page.keys.map((key) => percentDecode(isPlusSpace ? key.replaceAll('+', ' ') : key));
    return { ...page, keys };
  }

  async #request(query: Record<string, ByteString>, signal: AbortSignal): Promise<RawListPage> {
    const version: Record<string, string> = this.#bucket.place.listsByMarker === true ? {} : { 'list-type': '2' };
    const all = { ...version, 'encoding-type': 'url', 'max-keys': String(this.#pageCountMax), ...query };
    const { bytes } = await this.#bucket.send({ method: 'GET', query: all, signal });
    return readListPage(bytes, this.#bucket.resource(undefined));
  }

  /** AWS writes a space as `+`; others write `%20` and leave a plus as it is. */
  #plusIsSpace(signal: AbortSignal): Promise<boolean> {
    const prefix = this.#bucket.place.prefix + byteStringOf(ECHO_PREFIX);
    this.#isPlusSpace ??= this.#request({ prefix, 'max-keys': '1' }, signal).then(({ prefixEcho }) => {
      return !prefixEcho.includes('%20');
    });
    this.#isPlusSpace.catch(() => {
      this.#isPlusSpace = undefined;
    });
    return this.#isPlusSpace;
  }
}
