import type { ChangeHint } from '../operation-repository.ts';

/** Where an operation is listed. */
export interface Home {
  readonly surface: string;
  readonly collection: string;
}

/** The latest change of an operation. */
export interface Change {
  readonly name: string;
  /** Grows with each change of this process, and is never used again. */
  readonly number: number;
  /** When it became known, milliseconds since the epoch. */
  readonly timeMs: number;
  /** Whether nothing was known of the name before: what has never been changed was never told of. */
  readonly isNew: boolean;
  /** Where the operation is, or was: known of one that is gone only when its hint said so. */
  readonly home?: Home;
}

/**
 * Which operation has changed when, by number: the latest change of each name, as many names as are remembered. Of this process
 * only, so that its numbers mean nothing in another epoch.
 */
export class ChangeLog {
  readonly #countMax: number;
  readonly #byName = new Map<string, Change>();
  /** In the order of their numbers; those of names that have changed since are stale, and skipped. */
  #changes: Change[] = [];
  /** Where in `#changes` the oldest that is remembered may be. */
  #start = 0;
  #last = 0;
  /** The number of the newest change that was forgotten. */
  #forgotten = 0;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** The number of the newest change. */
  get last(): number {
    return this.#last;
  }

  note({ name, surface, collection }: ChangeHint, timeMs: number): Change {
    const before = this.#byName.get(name);
    const home = surface === undefined || collection === undefined ? before?.home : { surface, collection };
    this.#last += 1;
    const isNew = before === undefined;
    const change: Change = { name, number: this.#last, timeMs, isNew, ...(home === undefined ? {} : { home }) };
    this.#byName.set(name, change);
    this.#changes.push(change);
    this.#forgetOldest();
    return change;
  }

  /** Whatever may have changed is not known any more: from now on no number before this one tells what has changed since. */
  forgetAll(): void {
    this.#byName.clear();
    this.#changes = [];
    this.#start = 0;
    this.#last += 1;
    this.#forgotten = this.#last;
  }

  /** The first changes after this number, in order, at most `limit`; undefined when some of them are forgotten. */
  since(number: number, limit: number): readonly Change[] | undefined {
    if (number < this.#forgotten || number > this.#last) return undefined;
    const found: Change[] = [];
    for (let at = this.#indexAfter(number); at < this.#changes.length && found.length < limit; at += 1) {
      const change = this.#changes[at];
      if (change !== undefined && this.#byName.get(change.name) === change) found.push(change);
    }
    return found;
  }

  #indexAfter(number: number): number {
    let low = this.#start;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle]?.number ?? Infinity) > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #forgetOldest(): void {
    while (this.#byName.size > this.#countMax) {
      const oldest = this.#changes[this.#start];
      this.#start += 1;
      if (oldest === undefined || this.#byName.get(oldest.name) !== oldest) continue;
      this.#byName.delete(oldest.name);
      this.#forgotten = oldest.number;
    }
    // So rarely that it costs each change little, and the stale ones are never the most.
    if (this.#changes.length <= 2 * this.#countMax) return;
    this.#changes = this.#changes.filter((change) => this.#byName.get(change.name) === change);
    this.#start = 0;
  }
}
