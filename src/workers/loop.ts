import { backoffDelayMs, type BackoffPolicy } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';

/** What every loop of a process shares. */
export interface LoopParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** After a round that failed. */
  readonly backoff: BackoffPolicy;
  /** Failures of one loop are told so often at most, milliseconds. */
  readonly faultLogIntervalMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface LoopOptions extends LoopParts {
  readonly name: string;
  /** From the end of one round to the start of the next, milliseconds, unless woken. */
  readonly intervalMs: number;
  /** One round. @returns milliseconds until the next where that differs from the interval. */
  readonly round: (signal: AbortSignal) => Promise<number | undefined>;
}

/** Whether a loop lives: for liveness, which fails when one has not turned in a few of its intervals. */
export interface LoopHealth {
  readonly name: string;
  readonly intervalMs: number;
  /** Milliseconds since a round last began or ended. */
  readonly sinceTurnMs: number;
  /** A round is under way; one that waits for a storage that hangs is not dead. */
  readonly inRound: boolean;
  /** It was told to stop, and turns no more. */
  readonly stopped: boolean;
  /** Rounds that failed in a row. */
  readonly failureCount: number;
}

/** Without a reason of its own an abort makes an exception with a stack, each time. */
const WOKEN = 'woken';

/**
 * Repeats a round until it is stopped. Errors are logged and followed by a backoff, never thrown; what wakes the loop meanwhile waits for its
 * end, as every write of a busy server does, and each would fail again.
 */
export class Loop {
  readonly #options: LoopOptions;
  readonly #stop = new AbortController();
  #pause = new AbortController();
  #awake = false;
  #done: Promise<void> | undefined;
  #turnTimeMs: number;
  #inRound = false;
  #failureCount = 0;
  /** When a failure was told last, on the monotonic clock. */
  #toldTimeMs = -Infinity;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#turnTimeMs = options.clock.monotonic();
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Starts the next round now; one under way is followed by another at once. */
  wake(): void {
    // A hint of every write comes here: all but the first of a round are to cost nothing.
    if (this.#awake) return;
    this.#awake = true;
    this.#pause.abort(WOKEN);
  }

  /** Resolves when the round under way has ended; none follows. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.wake();
    await this.#done;
  }

  health(): LoopHealth {
    const { name, intervalMs, clock } = this.#options;
    const sinceTurnMs = clock.monotonic() - this.#turnTimeMs;
    const stopped = this.#stop.signal.aborted;
    return { name, intervalMs, sinceTurnMs, inRound: this.#inRound, stopped, failureCount: this.#failureCount };
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#awake = false;
      const delayMs = await this.#turn();
      await this.#rest(delayMs);
    }
  }

  /** @returns milliseconds until the next round. */
  async #turn(): Promise<number> {
    const { intervalMs, backoff, random, round } = this.#options;
    this.#mark(true);
    try {
      const delayMs = (await round(this.#stop.signal)) ?? intervalMs;
      this.#failureCount = 0;
      return delayMs;
    } catch (error) {
      if (this.#stop.signal.aborted) return 0;
      this.#failureCount += 1;
      this.#tell(error);
      return backoffDelayMs(this.#failureCount, backoff, random);
    } finally {
      this.#mark(false);
    }
  }

  #tell(error: unknown): void {
    const { name, logger, clock, faultLogIntervalMs } = this.#options;
    const nowMs = clock.monotonic();
    if (nowMs - this.#toldTimeMs < faultLogIntervalMs) return;
    this.#toldTimeMs = nowMs;
    logger.warn({ error, loop: name, failureCount: this.#failureCount }, 'a round failed; it is tried again');
  }

  async #rest(delayMs: number): Promise<void> {
    if (this.#failureCount > 0) {
      await this.#options.clock.sleep(delayMs, this.#stop.signal).catch(() => undefined);
      return;
    }
    if (this.#isAwake()) return;
    this.#pause = new AbortController();
    await this.#options.clock.sleep(delayMs, this.#pause.signal).catch(() => undefined);
  }

  /** A method, as the flag changes during a round. */
  #isAwake(): boolean {
    return this.#awake;
  }

  #mark(inRound: boolean): void {
    this.#turnTimeMs = this.#options.clock.monotonic();
    this.#inRound = inRound;
  }
}
