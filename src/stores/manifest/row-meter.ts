const QUOTE = 0x22;
const LINE_END = 0x0a;

/**
 * How long the rows of a CSV file are, quotes, empty columns and all: a parser's own bound counts what columns hold, and a row of
 * commas alone is as many columns as it has bytes.
 */
export class RowMeter {
  readonly #sizeBytesMax: number;
  #sizeBytes = 0;
  #isQuoted = false;
  #line = 1;

  constructor(sizeBytesMax: number) {
    this.#sizeBytesMax = sizeBytesMax;
  }

  /** @returns the line, from 1, in which a row becomes too long within this chunk; undefined when none does. */
  take(chunk: Uint8Array): number | undefined {
    for (const byte of chunk) {
      if (byte === QUOTE) this.#isQuoted = !this.#isQuoted;
      if (byte === LINE_END) this.#line += 1;
      if (byte === LINE_END && !this.#isQuoted) this.#sizeBytes = 0;
      else this.#sizeBytes += 1;
      if (this.#sizeBytes > this.#sizeBytesMax) return this.#line;
    }
    return undefined;
  }
}
