import { TurnQueue } from './turn-queue.ts';

/** Lets in so many at once; the others wait in the order in which they came. */
export class Gate {
  readonly #countMax: number;
  readonly #waiting = new TurnQueue();
  #insideCount = 0;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /**
   * Runs `act` once there is room for it.
   *
   * @throws what `act` throws; `signal.reason` when that aborts before.
   */
  async run<Result>(act: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    if (this.#insideCount >= this.#countMax) await this.#waiting.wait(undefined, signal);
    else this.#insideCount += 1;
    try {
      return await act();
    } finally {
      // Whoever is let in takes this place, so that nobody who comes now does.
      if (this.#waiting.length > 0) this.#waiting.letIn();
      else this.#insideCount -= 1;
    }
  }
}
