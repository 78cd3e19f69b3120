/**
 * Which operation has changed when, by number: the latest change of each name, as many names as are remembered. Of this process
 * only, so that its numbers mean nothing in another epoch.
 */
export class ChangeLog {
  readonly #countMax: number;
  /** In the order of their numbers. */
  readonly #byName = new Map<string, number>();
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

  /** @returns the change's number. */
  note(name: string): number {
    this.#last += 1;
    this.#byName.delete(name);
    this.#byName.set(name, this.#last);
    if (this.#byName.size > this.#countMax) this.#forgetOldest();
    return this.#last;
  }

  /** The latest changes after this number, in order; undefined when some of them are forgotten. */
  since(number: number): ReadonlyMap<string, number> | undefined {
    if (number < this.#forgotten || number > this.#last) return undefined;
    return new Map([...this.#byName].filter(([, change]) => change > number));
  }

  #forgetOldest(): void {
    for (const [name, number] of this.#byName) {
      this.#byName.delete(name);
      this.#forgotten = number;
      return;
    }
  }
}
