interface Waiting {
  readonly sizeBytes: number;
  readonly begin: () => void;
}

/**
 * Bounds what is in flight by count and by bytes, in the order of asking.
 *
 * One that is larger than all that is allowed goes alone.
 */
export class FlowLimit {
  readonly #countMax: number;
  readonly #sizeBytesMax: number;
  readonly #waiting: Waiting[] = [];
  #count = 0;
  #sizeBytes = 0;

  constructor(countMax: number, sizeBytesMax: number) {
    this.#countMax = countMax;
    this.#sizeBytesMax = sizeBytesMax;
  }

  /** Runs `act` when there is room. Rejects with `signal.reason` when that aborts before it begins. */
  async run<Result>(sizeBytes: number, signal: AbortSignal, act: () => Promise<Result>): Promise<Result> {
    await this.#enter(sizeBytes, signal);
    try {
      return await act();
    } finally {
      this.#count -= 1;
      this.#sizeBytes -= sizeBytes;
      this.#beginNext();
    }
  }

  #enter(sizeBytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason as Error);
        this.#beginNext();
      };
      const waiting: Waiting = {
        sizeBytes,
        begin: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#beginNext();
    });
  }

  #beginNext(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || !this.#hasRoom(next.sizeBytes)) return;
      this.#waiting.shift();
      this.#count += 1;
      this.#sizeBytes += next.sizeBytes;
      next.begin();
    }
  }

  #hasRoom(sizeBytes: number): boolean {
    if (this.#count === 0) return true;
    return this.#count < this.#countMax && this.#sizeBytes + sizeBytes <= this.#sizeBytesMax;
  }
}
