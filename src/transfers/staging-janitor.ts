import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { JournalEntry, JournalReader } from '../operations/journal.ts';
import { isDone } from '../operations/operation.ts';
import type { ChangeHint } from '../operations/operation-repository.ts';
import type { JanitorLimits } from './janitor-limits.ts';

export interface StagingJanitorOptions {
  readonly journal: JournalReader;
  readonly changes: (signal: AbortSignal) => AsyncIterable<ChangeHint>;
  /** Removes the staging of these entries. @returns those whose staging is gone; the others are kept for another round. */
  readonly clean: (entries: readonly JournalEntry[]) => Promise<readonly JournalEntry[]>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: JanitorLimits;
}

/** Without a reason of its own an abort makes an exception with a stack, each time. */
const WOKEN = 'woken';

/**
 * Removes what operations that are done or gone have left at sinks: of a process that was killed while it cancelled, of work that
 * was given up on. The journal names all of it, so nothing has to be searched for.
 */
export class StagingJanitor {
  readonly #options: StagingJanitorOptions;
  #wake = new AbortController();
  /** What could not be cleaned in these rounds: it must not keep what is behind it from being looked at. */
  readonly #failed = new Set<string>();

  constructor(options: StagingJanitorOptions) {
    this.#options = options;
  }

  /** Sweeps at once, then after each end of an operation and now and then, until the signal aborts. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#followEnds(signal), this.#sweepOnAndOn(signal)]);
  }

  /** One round. @returns how many entries were looked at. */
  async sweep(): Promise<number> {
    const { journal, clean, limits } = this.#options;
    const orphans = await journal.orphans(limits.entryCountMax + this.#failed.size);
    const entries = orphans.filter((entry) => !this.#failed.has(keyOf(entry)));
    if (entries.length === 0) return 0;
    const cleaned = await clean(entries);
    await journal.remove(cleaned);
    for (const entry of entries) {
      if (!cleaned.includes(entry) && this.#failed.size < limits.failedCountMax) this.#failed.add(keyOf(entry));
    }
    return this.#failed.size < limits.failedCountMax ? entries.length : cleaned.length;
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

  /** Rounds until all was looked at. Errors are logged, and a later round tries again. */
  async #sweepAll(signal: AbortSignal): Promise<void> {
    this.#failed.clear();
    try {
      while (!signal.aborted && (await this.sweep()) > 0);
    } catch (error) {
      this.#options.logger.warn({ error }, 'staging of ended operations was not removed; it is tried again');
    }
  }

  async #followEnds(signal: AbortSignal): Promise<void> {
    for await (const { state } of this.#options.changes(signal)) {
      if (state === undefined || isDone({ state })) this.#wake.abort(WOKEN);
    }
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(ms, signal).catch(() => undefined);
  }
}

function keyOf({ operation, id }: JournalEntry): string {
  return `${operation} ${id}`;
}
