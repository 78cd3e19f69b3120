/** Names that filters are known to leave out, over all filters together: beyond the bound the oldest are forgotten. */
export class OutsideNames {
  readonly #countMax: number;
  readonly #keys = new Set<string>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  has(filter: number, name: string): boolean {
    return this.#keys.has(keyOf(filter, name));
  }

  add(filter: number, name: string): void {
    this.#keys.add(keyOf(filter, name));
    if (this.#keys.size <= this.#countMax) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      return;
    }
  }

  delete(filter: number, name: string): void {
    this.#keys.delete(keyOf(filter, name));
  }
}

function keyOf(filter: number, name: string): string {
  return `${String(filter)} ${name}`;
}
