/** Random digits behind each millisecond. */
const RANDOM_DIGITS = 6n;

/**
 * The decimal numbers that end the names of operations: 19 digits, growing in time order and from one call to the next.
 *
 * Two processes may make the same one in the same millisecond, once in a million: the repository refuses the second name.
 */
export class RunNumbers {
  readonly #now: () => number;
  readonly #random: () => number;
  #last = 0n;

  /**
   * @param now     milliseconds since the epoch.
   * @param random  uniform in [0, 1).
   */
  constructor(now: () => number, random: () => number) {
    this.#now = now;
    this.#random = random;
  }

  next(): string {
    const scale = 10n ** RANDOM_DIGITS;
    const candidate = BigInt(this.#now()) * scale + BigInt(Math.floor(this.#random() * Number(scale)));
    this.#last = candidate > this.#last ? candidate : this.#last + 1n;
    return String(this.#last);
  }
}
