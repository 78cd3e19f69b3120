import { systemClock } from '../../core/clock.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import { ByteRate } from '../decorators/byte-rate.ts';
import { DEFAULT_STORE_CALL_LIMITS } from '../decorators/limits.ts';

/** Memory that threads share. */
export interface ThrottleCells {
  /** At least Throttle.SIZE_BYTES, zeroed, the same for all threads of the transfer. */
  readonly shared: SharedArrayBuffer;
  /** A ByteRate's, the same for all transfers of an agent pool. */
  readonly poolRate?: SharedArrayBuffer;
}

export interface ThrottleStop {
  readonly word: Int32Array;
  readonly isStopped: () => boolean;
}

/**
 * Holds all threads of a transfer together to a rate, over shared memory.
 *
 * Each cell holds the time (microseconds of the system's monotonic clock) up to which the budget is spent; taking moves it on by
 * what the amount costs, and the taker waits until then. Waiting ends when it is stopped.
 */
export class Throttle {
  readonly #spentUntil: BigInt64Array;
  readonly #word: Int32Array;
  readonly #isStopped: () => boolean;
  readonly #limits: Pick<TransferLimits, 'bytesPerSecondMax' | 'objectsPerSecondMax'>;
  readonly #poolRate: ByteRate | undefined;

  /** @param stop  a change of the word wakes a waiter. */
  constructor({ shared, poolRate }: ThrottleCells, limits: TransferLimits, stop: ThrottleStop) {
    this.#spentUntil = new BigInt64Array(shared);
    if (poolRate !== undefined) {
      this.#poolRate = new ByteRate({ ...DEFAULT_STORE_CALL_LIMITS, clock: systemClock, shared: poolRate });
    }
    this.#limits = limits;
    this.#word = stop.word;
    this.#isStopped = stop.isStopped;
  }

  static readonly SIZE_BYTES = 16;

  takeBytes(count: number): void {
    const { bytesPerSecondMax } = this.#limits;
    if (bytesPerSecondMax !== undefined) this.#take(0, (count / bytesPerSecondMax) * 1e6);
    this.#poolRate?.takeBlocking(count, this.#pause, this.#isStopped);
  }

  takeObject(): void {
    const { objectsPerSecondMax } = this.#limits;
    if (objectsPerSecondMax !== undefined) this.#take(1, 1e6 / objectsPerSecondMax);
  }

  #take(cell: number, costUs: number): void {
    const until = this.#spend(cell, BigInt(Math.ceil(costUs)));
    for (;;) {
      const waitUs = until - nowUs();
      if (waitUs <= 0n || this.#isStopped()) return;
      this.#pause(Number(waitUs) / 1000);
    }
  }

  readonly #pause = (ms: number): void => {
    Atomics.wait(this.#word, 0, Atomics.load(this.#word, 0), Math.min(ms, WAIT_MAX_MS));
  };

  #spend(cell: number, costUs: bigint): bigint {
    for (;;) {
      const spent = Atomics.load(this.#spentUntil, cell);
      const now = nowUs();
      const until = (spent > now ? spent : now) + costUs;
      if (Atomics.compareExchange(this.#spentUntil, cell, spent, until) === spent) return until;
    }
  }
}

/** A transfer that failed does not change the word: looked at again after this. */
const WAIT_MAX_MS = 100;

function nowUs(): bigint {
  return process.hrtime.bigint() / 1000n;
}
