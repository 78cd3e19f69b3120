import type { Characters } from './filter-reader.ts';

/**
 * Texts compared with a pattern of parts between `*` wildcards.
 *
 * The time is linear in the text whatever the pattern: each part is looked for behind the one before, by Knuth, Morris and Pratt's
 * algorithm, which reads no character of the text again. (A text may be megabytes of a message and a part thousands of characters long.)
 */
export class WildcardPattern {
  readonly #first: string;
  /** Undefined where the pattern has no wildcard. */
  readonly #last: string | undefined;
  readonly #inner: readonly Part[];

  /** @param parts  at least one; a single one is a text to be equal to. */
  constructor(parts: readonly string[]) {
    this.#first = parts[0] ?? '';
    this.#last = parts.length > 1 ? parts.at(-1) : undefined;
    this.#inner = parts.slice(1, -1).flatMap((part) => (part === '' ? [] : [partOf(part)]));
  }

  /** A pattern for texts that hold these parts somewhere, in this order. */
  static within(parts: readonly string[]): WildcardPattern {
    return new WildcardPattern(['', ...parts, '']);
  }

  /** Whether the text as a whole is as the pattern says. */
  matches(text: Characters): boolean {
    const first = this.#first;
    if (this.#last === undefined) return text.length === first.length && standsAt(text, first, 0);
    const limit = text.length - this.#last.length;
    if (limit < first.length || !standsAt(text, first, 0) || !standsAt(text, this.#last, limit)) return false;
    let position = first.length;
    for (const part of this.#inner) {
      position = endOf(text, part, position, limit);
      if (position < 0) return false;
    }
    return true;
  }
}

interface Part {
  readonly text: string;
  /** At each index: how many characters before and with it are also the part's beginning (the part itself excepted). */
  readonly overlaps: Int32Array;
}

function partOf(text: string): Part {
  const overlaps = new Int32Array(text.length);
  let overlap = 0;
  for (let index = 1; index < text.length; index += 1) {
    overlap = lengthened(text, overlaps, overlap, text.charCodeAt(index));
    overlaps[index] = overlap;
  }
  return { text, overlaps };
}

/** How much of the part's beginning stands at the end of what was read, after one more character. */
function lengthened(part: string, overlaps: Int32Array, overlap: number, code: number): number {
  let length = overlap;
  while (length > 0 && part.charCodeAt(length) !== code) length = overlaps[length - 1] ?? 0;
  return part.charCodeAt(length) === code ? length + 1 : length;
}

/** Behind the part's first occurrence between two positions; -1 when it does not occur. */
function endOf(text: Characters, { text: part, overlaps }: Part, from: number, limit: number): number {
  let length = 0;
  for (let index = from; index < limit; index += 1) {
    length = lengthened(part, overlaps, length, text.charCodeAt(index));
    if (length === part.length) return index + 1;
  }
  return -1;
}

function standsAt(text: Characters, part: string, position: number): boolean {
  for (let index = 0; index < part.length; index += 1) {
    if (text.charCodeAt(position + index) !== part.charCodeAt(index)) return false;
  }
  return true;
}
