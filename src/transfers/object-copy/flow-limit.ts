import { TurnQueue } from '../../core/turn-queue.ts';

/**
 * Bounds what is in flight by count and by bytes, in the order of asking.
 *
 * One that is larger than all that is allowed goes alone.
 */
export class FlowLimit {
  readonly #countMax: number;
  readonly #sizeBytesMax: number;
  /** By their sizes in bytes. */
  readonly #waiting = new TurnQueue<number>(() => {
    this.#beginNext();
  });
  #count = 0;
  #sizeBytes = 0;

  constructor(countMax: number, sizeBytesMax: number) {
    this.#countMax = countMax;
    this.#sizeBytesMax = sizeBytesMax;
  }

  /** Runs `act` when there is room. Rejects with `signal.reason` when that aborts before it begins. */
  async run<Result>(sizeBytes: number, signal: AbortSignal, act: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const isNext = this.#waiting.length === 0 && this.#hasRoom(sizeBytes);
    if (isNext) this.#take(sizeBytes);
    else await this.#waiting.wait(sizeBytes, signal);
    try {
      return await act();
    } finally {
      this.#count -= 1;
      this.#sizeBytes -= sizeBytes;
      this.#beginNext();
    }
  }

  #beginNext(): void {
    for (;;) {
      const sizeBytes = this.#waiting.first;
      if (sizeBytes === undefined || !this.#hasRoom(sizeBytes)) return;
      this.#take(sizeBytes);
      this.#waiting.letIn();
    }
  }

  #take(sizeBytes: number): void {
    this.#count += 1;
    this.#sizeBytes += sizeBytes;
  }

  #hasRoom(sizeBytes: number): boolean {
    if (this.#count === 0) return true;
    return this.#count < this.#countMax && this.#sizeBytes + sizeBytes <= this.#sizeBytesMax;
  }
}
