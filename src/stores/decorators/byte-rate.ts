import type { Clock } from '../../core/clock.ts';

export interface ByteRateOptions {
  readonly clock: Clock;
  /** ByteRate.SIZE_BYTES of shared memory, zeroed; the same for all threads that share the rate. */
  readonly shared: SharedArrayBuffer;
  /** Microseconds of one clock for all threads; default the system's. */
  readonly nowUs?: () => bigint;
  readonly rateLookMaxMs: number;
  readonly rateBurstMs: number;
}

const RATE = 0;
const TAKEN = 1;
const GRANTED = 2;
const REFILLED_US = 3;

/**
 * A rate that many share, in any thread: those of one agent pool.
 *
 * Each taker draws a ticket, the sum of all that was taken so far, and waits until as much was granted; so takers go in turn, and a new
 * rate holds for those who wait already.
 */
export class ByteRate {
  static readonly SIZE_BYTES = 32;

  readonly #cells: BigInt64Array;
  readonly #options: ByteRateOptions;
  readonly #nowUs: () => bigint;

  constructor(options: ByteRateOptions) {
    this.#options = options;
    this.#cells = new BigInt64Array(options.shared);
    this.#nowUs = options.nowUs ?? (() => process.hrtime.bigint() / 1000n);
  }

  /** @param bytesPerSecond  0 or Infinity for no limit. Waiters notice within `rateLookMaxMs`. */
  setRate(bytesPerSecond: number): void {
    this.#refill();
    // What passed without a limit is not owed to the new one.
    if (this.#rate() === 0n) Atomics.store(this.#cells, GRANTED, Atomics.load(this.#cells, TAKEN));
    Atomics.store(this.#cells, RATE, Number.isFinite(bytesPerSecond) ? BigInt(Math.ceil(bytesPerSecond)) : 0n);
  }

  /** Resolves when so many more bytes may pass; undefined, at once, when they may pass now. */
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined {
    if (this.#rate() === 0n) return undefined;
    this.#refill();
    const ticket = Atomics.add(this.#cells, TAKEN, BigInt(bytes)) + BigInt(bytes);
    return Atomics.load(this.#cells, GRANTED) >= ticket ? undefined : this.#wait(ticket, signal);
  }

  /**
   * As take, for a thread that may block.
   *
   * @param pause  sleeps for at most so many milliseconds, less when it is woken. @param isStopped  ends the wait.
   */
  takeBlocking(bytes: number, pause: (ms: number) => void, isStopped: () => boolean): void {
    if (this.#rate() === 0n) return;
    this.#refill();
    const ticket = Atomics.add(this.#cells, TAKEN, BigInt(bytes)) + BigInt(bytes);
    for (let waitMs = this.#waitMs(ticket); waitMs > 0 && !isStopped(); waitMs = this.#waitMs(ticket)) {
      pause(waitMs);
      this.#refill();
    }
  }

  async #wait(ticket: bigint, signal: AbortSignal): Promise<void> {
    for (let waitMs = this.#waitMs(ticket); waitMs > 0; waitMs = this.#waitMs(ticket)) {
      await this.#options.clock.sleep(waitMs, signal);
      this.#refill();
    }
  }

  /** Until the ticket is looked at again; 0 when it was granted. */
  #waitMs(ticket: bigint): number {
    const rate = this.#rate();
    const missing = ticket - Atomics.load(this.#cells, GRANTED);
    if (rate === 0n || missing <= 0n) return 0;
    return Math.min(Math.ceil((Number(missing) * 1000) / Number(rate)), this.#options.rateLookMaxMs);
  }

  #rate(): bigint {
    return Atomics.load(this.#cells, RATE);
  }

  /** Grants what has become due, once among all threads; what nobody took is kept for a moment only. */
  #refill(): void {
    const last = Atomics.load(this.#cells, REFILLED_US);
    const now = this.#nowUs();
    const due = last === 0n ? 0n : (this.#rate() * (now - last)) / 1_000_000n;
    // Below a byte time goes on to count.
    if (last !== 0n && this.#rate() !== 0n && due === 0n) return;
    if (Atomics.compareExchange(this.#cells, REFILLED_US, last, now) !== last) return;
    const burst = (this.#rate() * BigInt(this.#options.rateBurstMs)) / 1000n;
    for (;;) {
      const granted = Atomics.load(this.#cells, GRANTED);
      const most = Atomics.load(this.#cells, TAKEN) + burst;
      const next = granted + due < most ? granted + due : most;
      if (next <= granted || Atomics.compareExchange(this.#cells, GRANTED, granted, next) === granted) return;
    }
  }
}
