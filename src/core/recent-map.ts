interface Entry<Value> {
  readonly value: Value;
  readonly size: number;
}

/**
 * A map with bounded room, in two generations: what has not been asked for since half of the room was filled anew goes. Costs one look-up for
 * what is asked for often, and keeps no order.
 */
export class RecentMap<Key, Value> {
  readonly #sizeMax: number;
  #young = new Map<Key, Entry<Value>>();
  #old: ReadonlyMap<Key, Entry<Value>> = new Map<Key, Entry<Value>>();
  #youngSize = 0;

  /** @param sizeMax  of all entries together, in the unit of `set`. */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old.value, old.size);
    return old?.value;
  }

  /** Keeps an entry in place of one of the same key; one that needs more than half of the room is not kept. */
  set(key: Key, value: Value, size: number): void {
    const halfMax = this.#sizeMax / 2;
    if (size > halfMax) return;
    if (this.#youngSize + size > halfMax) this.#age();
    this.#youngSize += size - (this.#young.get(key)?.size ?? 0);
    this.#young.set(key, { value, size });
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngSize = 0;
  }
}
