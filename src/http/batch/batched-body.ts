import type { IncomingHttpHeaders } from 'node:http';
import { bodyEncodingOf } from '../body-encoding.ts';
import { bodyTooLarge } from '../body-too-large.ts';
import { decompressed, type DecompressOptions } from '../decompressed.ts';
import type { Body } from '../request-body.ts';

/** The body of a call in a batch, which has arrived with it. */
export class BatchedBody implements Body {
  readonly #bytes: Uint8Array;
  readonly #headers: IncomingHttpHeaders;
  readonly #options: DecompressOptions;

  constructor(bytes: Uint8Array, headers: IncomingHttpHeaders, options: DecompressOptions) {
    this.#bytes = bytes;
    this.#headers = headers;
    this.#options = options;
  }

  get isThere(): boolean {
    return this.#bytes.length > 0;
  }

  async read(sizeMaxBytes = this.#options.sizeMaxBytes): Promise<Uint8Array> {
    const encoding = bodyEncodingOf(this.#headers);
    if (this.#bytes.length > sizeMaxBytes) throw bodyTooLarge(sizeMaxBytes);
    if (encoding === 'identity') return this.#bytes;
    return decompressed(this.#bytes, { ...this.#options, sizeMaxBytes });
  }
}
