/**
 * Room for work that may only run alone: operations whose attempts' process died again and again.
 *
 * Such work must not take others with it, must not wait for ever behind them, and must not keep them waiting for ever.
 * - It is claimed when nothing else runs here, and every `aloneIntervalMs` in a busy process too.
 * - Its claim opens a turn: nothing else is claimed, and what runs is asked to suspend, which costs it no attempt. Only when
 *   nothing else holds an operation here does the handler start.
 * - Work that neither ends nor suspends within the patience keeps its place: the turn is given up, the operation handed back.
 *   The patience doubles with each such turn, and the rest after it is as long as the patience was, so that in the end the
 *   turn comes, and other work always has at least half of the time.
 * - A turn is over with its attempt, with its first checkpoint (which clears the deaths), or after `aloneDurationMaxMs`
 *   without dying. From then on the attempt runs among the others.
 */
import { settlesWithin } from '../core/bounded-wait.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { WorkerLimits } from './limits.ts';
import type { HeldAttempt, WorkerRegistry } from './registry.ts';

export interface AloneTurnsOptions {
  readonly registry: WorkerRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: WorkerLimits;
  /** The turn is over: other work may be claimed again. */
  onOver(): void;
}

/** An attempt that starts only when it is let. */
export interface GatedAttempt extends HeldAttempt {
  readonly checkpointed: Promise<unknown>;
}

export class AloneTurns {
  readonly #options: AloneTurnsOptions;
  #turn: HeldAttempt | undefined;
  #patienceMs: number;
  #nextMs: number;

  constructor(options: AloneTurnsOptions) {
    this.#options = options;
    this.#patienceMs = options.limits.alonePatienceMs;
    this.#nextMs = options.clock.monotonic() + options.limits.aloneIntervalMs;
  }

  /** Whether a turn is under way: nothing else may be claimed. */
  get active(): boolean {
    return this.#turn !== undefined;
  }

  /** Whether work that may only run alone is to be claimed now. */
  get due(): boolean {
    if (this.active) return false;
    return this.#options.clock.monotonic() >= this.#nextMs || !this.#options.registry.held().some(({ holds }) => holds);
  }

  /** A claim found none: a busy process need not look again soon. */
  skip(): void {
    this.#restFor(this.#options.limits.aloneIntervalMs);
  }

  /** Opens a turn for an attempt that was just claimed, and calls `start` when nothing else runs. Never rejects. */
  async take(attempt: GatedAttempt, start: () => void): Promise<void> {
    this.#turn = attempt;
    try {
      if (await this.#gather(attempt)) await this.#run(attempt, start);
      else await this.#handBack(attempt);
    } finally {
      this.#turn = undefined;
      this.#options.onOver();
    }
  }

  /** Waits until no other attempt holds an operation. @returns false when the patience is over. */
  async #gather(attempt: HeldAttempt): Promise<boolean> {
    const others = this.#options.registry.held().filter((other) => other !== attempt && other.holds);
    for (const other of others) other.suspend();
    const ended = Promise.all(others.map((other) => other.ended));
    return this.#within(this.#patienceMs, [ended, attempt.ended]);
  }

  async #run(attempt: GatedAttempt, start: () => void): Promise<void> {
    const { limits, logger } = this.#options;
    logger.info({ operation: attempt.lease.name }, 'runs alone, as its attempts died');
    this.#patienceMs = limits.alonePatienceMs;
    start();
    await this.#within(limits.aloneDurationMaxMs, [attempt.ended, attempt.checkpointed]);
    this.#restFor(limits.aloneIntervalMs);
  }

  async #handBack(attempt: HeldAttempt): Promise<void> {
    const { limits, logger } = this.#options;
    logger.info({ operation: attempt.lease.name, patienceMs: this.#patienceMs }, 'found no room to run alone');
    attempt.suspend();
    await attempt.ended;
    this.#restFor(Math.max(limits.aloneIntervalMs, this.#patienceMs));
    this.#patienceMs *= 2;
  }

  #restFor(ms: number): void {
    this.#nextMs = this.#options.clock.monotonic() + ms;
  }

  /** Whether one of the promises comes within so long. */
  #within(ms: number, promises: readonly Promise<unknown>[]): Promise<boolean> {
    return settlesWithin(Promise.race(promises), ms, this.#options.clock);
  }
}
