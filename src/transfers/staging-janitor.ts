import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { JournalEntry, JournalReader } from '../operations/journal.ts';
import { isDone } from '../operations/operation.ts';
import type { ChangeHint } from '../operations/operation-repository.ts';

export interface JanitorLimits {
  /** Between two rounds that nothing asked for: what could not be removed is tried again, milliseconds. */
  readonly intervalMs: number;
  /** After the end of an operation, so that the ends of many are one round, milliseconds. */
  readonly delayMs: number;
  /** Journal entries of one round. */
  readonly entryCountMax: number;
}

export interface StagingJanitorOptions {
  readonly journal: JournalReader;
  readonly changes: (signal: AbortSignal) => AsyncIterable<ChangeHint>;
  /** Removes the staging of these entries. @returns those whose staging is gone; the others are kept for another round. */
  readonly clean: (entries: readonly JournalEntry[]) => Promise<readonly JournalEntry[]>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: JanitorLimits;
}

/**
 * Removes what operations that are done or gone have left at sinks: of a process that was killed while it cancelled, of work that
 * was given up on. The journal names all of it, so nothing has to be searched for.
 */
export class StagingJanitor {
  readonly #options: StagingJanitorOptions;
  #wake = new AbortController();

  constructor(options: StagingJanitorOptions) {
    this.#options = options;
  }

  /** Sweeps at once, then after each end of an operation and now and then, until the signal aborts. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#followEnds(signal), this.#sweepOnAndOn(signal)]);
  }

  /** One round. @returns how many entries were settled. */
  async sweep(): Promise<number> {
    const { journal, clean, limits } = this.#options;
    const entries = await journal.orphans(limits.entryCountMax);
    if (entries.length === 0) return 0;
    const cleaned = await clean(entries);
    await journal.remove(cleaned);
    return cleaned.length;
  }

  async #sweepOnAndOn(signal: AbortSignal): Promise<void> {
    const { limits } = this.#options;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const woken = this.#wake.signal;
      await this.#sweepAll(signal);
      await this.#sleep(limits.intervalMs, AbortSignal.any([signal, woken]));
      await this.#sleep(limits.delayMs, signal);
    }
  }

  /** Rounds until one settles nothing. Errors are logged, and a later round tries again. */
  async #sweepAll(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted && (await this.sweep()) > 0);
    } catch (error) {
      this.#options.logger.warn({ error }, 'staging of ended operations was not removed; it is tried again');
    }
  }

  async #followEnds(signal: AbortSignal): Promise<void> {
    for await (const { state } of this.#options.changes(signal)) {
      if (state === undefined || isDone({ state })) this.#wake.abort();
    }
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(ms, signal).catch(() => undefined);
  }
}
