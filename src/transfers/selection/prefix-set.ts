import type { ByteString } from '../byte-string.ts';

/**
 * A set of prefixes, looked up by bisection: a thousand of them cost ten comparisons. Immutable.
 *
 * Of two prefixes where one begins with the other the shorter says all, and only it is kept. Strings that begin with a prefix follow
 * each other in the order of bytes; so at most one prefix begins a key, and it is the last one that does not sort behind the key.
 */
export class PrefixSet {
  /** In the order of bytes, none the beginning of another. */
  readonly prefixes: readonly ByteString[];

  constructor(prefixes: readonly ByteString[]) {
    const kept: ByteString[] = [];
    for (const prefix of prefixes.toSorted(byBytes)) {
      const last = kept.at(-1);
      if (last === undefined || !prefix.startsWith(last)) kept.push(prefix);
    }
    this.prefixes = kept;
  }

  /** The prefix that `key` begins with. */
  prefixOf(key: ByteString): ByteString | undefined {
    const prefix = this.prefixes[this.#countUpTo(key) - 1];
    return prefix !== undefined && key.startsWith(prefix) ? prefix : undefined;
  }

  /** Whether a string that begins with `start` can begin with a prefix of the set, or be the beginning of one. */
  meets(start: ByteString): boolean {
    if (this.prefixOf(start) !== undefined) return true;
    const next = this.prefixes[this.#countUpTo(start)];
    return next?.startsWith(start) === true;
  }

  /** How many sort no later than `key`. */
  #countUpTo(key: ByteString): number {
    let low = 0;
    let high = this.prefixes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.prefixes[middle] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Units of a byte string are its bytes. */
function byBytes(a: ByteString, b: ByteString): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
