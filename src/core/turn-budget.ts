/** Gives the event loop another turn whenever so much was done in this one. */
export class TurnBudget {
  readonly #nextTurn: () => Promise<void>;
  readonly #turnBytes: number;
  #spentBytes = 0;

  /** @param turnBytes  what a turn may go through, bytes. */
  constructor(nextTurn: () => Promise<void>, turnBytes: number) {
    this.#nextTurn = nextTurn;
    this.#turnBytes = turnBytes;
  }

  /** To be awaited before work that goes through so many bytes. */
  async spend(bytes: number): Promise<void> {
    this.#spentBytes += bytes;
    if (this.#spentBytes <= this.#turnBytes) return;
    await this.#nextTurn();
    this.#spentBytes = 0;
  }
}
