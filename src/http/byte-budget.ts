/** How many bytes this process keeps for all requests together, in bodies that arrive and answers that leave. */
export class ByteBudget {
  readonly #max: number;
  #taken = 0;

  /** @param max  bytes. */
  constructor(max: number) {
    this.#max = max;
  }

  get isFull(): boolean {
    return this.#taken >= this.#max;
  }

  /** Counts bytes that are there already, whether or not they fit. */
  take(count: number): void {
    this.#taken += count;
  }

  /** Of what was taken. */
  give(count: number): void {
    this.#taken -= count;
  }
}
