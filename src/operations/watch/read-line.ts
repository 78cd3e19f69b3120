/** Lets so many work at a time; the others stand in line, and are served in the order they came. */
export class ReadLine {
  readonly #countMax: number;
  readonly #line = new Set<() => void>();
  #count = 0;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** @throws the signal's reason when it aborts before the work has begun; what the work throws. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#count < this.#countMax) this.#count += 1;
    else await this.#stand(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #stand(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#line.delete(goOn);
        reject(signal.reason as Error);
      };
      const goOn = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#line.add(goOn);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Its place goes to the first in line. */
  #leave(): void {
    for (const goOn of this.#line) {
      this.#line.delete(goOn);
      goOn();
      return;
    }
    this.#count -= 1;
  }
}
