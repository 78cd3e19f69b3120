import type { ByteString } from '../byte-string.ts';
import { PrefixSet } from './prefix-set.ts';

/**
 * Which keys belong to a transfer: those that begin with one of `includes`, but for those that begin with one of `excludes`. So a
 * listing is ranges of keys with holes, and walks nothing else. Immutable.
 */
export class KeyRanges {
  readonly #includes: PrefixSet;
  readonly #excludes: PrefixSet;

  /** @param includes  none means every key. */
  constructor(includes: readonly ByteString[], excludes: readonly ByteString[]) {
    this.#includes = new PrefixSet(includes.length === 0 ? [''] : includes);
    this.#excludes = new PrefixSet(excludes);
  }

  /** What is to be listed, in the order of keys, none within another. */
  get prefixes(): readonly ByteString[] {
    return this.#includes.prefixes;
  }

  has(key: ByteString): boolean {
    return this.#includes.prefixOf(key) !== undefined && this.#excludes.prefixOf(key) === undefined;
  }

  /** Whether some key that begins with `start` may belong to them: a directory of that key is to be entered. */
  reaches(start: ByteString): boolean {
    return this.#includes.meets(start) && this.#excludes.prefixOf(start) === undefined;
  }

  /** Whether every key that begins with `start` belongs to them: nothing in a directory of that key needs to be looked up. */
  covers(start: ByteString): boolean {
    return this.#includes.prefixOf(start) !== undefined && !this.#excludes.meets(start);
  }

  /** The excluded prefix that a key begins with: nothing before its end belongs to them. */
  holeAt(key: ByteString): ByteString | undefined {
    return this.#excludes.prefixOf(key);
  }
}
