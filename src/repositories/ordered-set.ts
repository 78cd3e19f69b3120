/**
 * A set kept in order, in one array with the first element at its end: what comes first is what is mostly added and
 * taken, and both are cheap there.
 */
export class OrderedSet<Position, T extends Position> {
  readonly #compare: (left: Position, right: Position) => number;
  readonly #items: T[] = [];

  /** @param compare  a total order: 0 for the same element only. */
  constructor(compare: (left: Position, right: Position) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    this.#items.splice(this.#countBehind(item), 0, item);
  }

  /** Removes the element at this position, if there is one. */
  remove(item: Position): void {
    const index = this.#countBehind(item);
    const found = this.#items[index];
    if (found !== undefined && this.#compare(found, item) === 0) this.#items.splice(index, 1);
  }

  /** The elements in order; with `after`, only those behind it. The set must not change meanwhile. */
  *walk(after?: Position): Generator<T> {
    const start = after === undefined ? this.#items.length : this.#countBehind(after);
    for (let index = start - 1; index >= 0; index--) yield this.#items[index] as T;
  }

  /** How many elements come after the item: its index in the array. */
  #countBehind(item: Position): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#items[middle] as T, item) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
