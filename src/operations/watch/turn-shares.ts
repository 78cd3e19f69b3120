import type { Clock } from '../../core/clock.ts';

export interface TurnSharesOptions {
  readonly clock: Clock;
  /** Resolves in a later turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
  /** How much of one turn they may take together, milliseconds. */
  readonly turnMs: number;
}

/**
 * Keeps many who work on one thread from holding up everybody else: together they take so much of a turn of the event loop, and who
 * comes later waits for one of the next, in the order they came.
 */
export class TurnShares {
  readonly #options: TurnSharesOptions;
  readonly #line = new Set<() => void>();
  /** When this turn's share is over, on the monotonic clock; undefined while nobody works. */
  #endMs: number | undefined;

  constructor(options: TurnSharesOptions) {
    this.#options = options;
  }

  /**
   * To be asked right before the work, as only the clock sees what it takes.
   *
   * @returns undefined to go on at once; else what to wait for: as long as those before need, and no signal ends it.
   */
  ready(): Promise<void> | undefined {
    if (this.#line.size === 0 && this.#isLeft()) return undefined;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#line.add(() => {
      resolve(undefined);
    });
    return promise;
  }

  #isLeft(): boolean {
    if (this.#endMs === undefined) {
      this.#begin();
      void this.#serve();
    }
    return this.#options.clock.monotonic() < (this.#endMs ?? 0);
  }

  #begin(): void {
    this.#endMs = this.#options.clock.monotonic() + this.#options.turnMs;
  }

  /** Turn after turn, until one passes in which nobody waits. */
  async #serve(): Promise<void> {
    for (let isIdle = false; !isIdle;) {
      await this.#options.nextTurn();
      isIdle = this.#line.size === 0;
      this.#begin();
      for (const goOn of this.#line) {
        if (!this.#isLeft()) break;
        this.#line.delete(goOn);
        goOn();
        // It works in the microtasks that follow: the next one goes on when the clock has seen some of that.
        await Promise.resolve();
      }
    }
    this.#endMs = undefined;
  }
}
