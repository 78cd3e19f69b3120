import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { PoolLimits } from './pool-limits.ts';

/** What holds the work of one pool in this process to a rate. */
export interface PoolRate {
  /** @param bytesPerSecond  Infinity for no limit. */
  setRate(bytesPerSecond: number): void;
}

export interface PoolRatesOptions {
  readonly limits: Pick<PoolLimits, 'bytesPerSecondOf'>;
  /** By the pools that this process serves. */
  readonly rates: ReadonlyMap<string, PoolRate>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How late a change of a limit may be, milliseconds. */
  readonly intervalMs: number;
}

/** Keeps the rates of pools as their bandwidth limits say, also while transfers run. */
export class PoolRates {
  readonly #options: PoolRatesOptions;

  constructor(options: PoolRatesOptions) {
    this.#options = options;
  }

  /** Looks now and then until the signal aborts. Never throws: while the storage fails the rates stay as they are. */
  async run(signal: AbortSignal): Promise<void> {
    const { rates, clock, logger, intervalMs } = this.#options;
    while (rates.size > 0 && !signal.aborted) {
      await this.look().catch((error: unknown) => {
        logger.warn({ error }, 'bandwidth limits of agent pools were not read; they stay as they are');
      });
      await clock.sleep(intervalMs, signal).catch(() => undefined);
    }
  }

  /** One look at every limit. @throws StatusError when the storage fails. */
  async look(): Promise<void> {
    const { limits, rates } = this.#options;
    await Promise.all(
      [...rates].map(async ([pool, rate]) => {
        rate.setRate(await limits.bytesPerSecondOf(pool));
      }),
    );
  }
}
