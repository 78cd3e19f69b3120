import type { Clock } from '../core/clock.ts';
import type { Report } from '../operations/lease.ts';

export interface ProgressWriterOptions {
  readonly clock: Clock;
  /** At most one write in this time, milliseconds. */
  readonly intervalMs: number;
  write(report: Report): Promise<unknown>;
  /** Told of a write that failed; it is tried again an interval later, unless something newer took its place. */
  onError(error: unknown): void;
}

/**
 * Writes what a handler reports: the latest of each member wins, the first at once, and never more than one write an interval.
 */
export class ProgressWriter {
  readonly #options: ProgressWriterOptions;
  readonly #closed = new AbortController();
  #latest: Report | undefined;
  #dirty = false;
  #writing = false;
  #nextWriteMs = -Infinity;

  constructor(options: ProgressWriterOptions) {
    this.#options = options;
  }

  report(report: Report): void {
    if (this.#closed.signal.aborted) return;
    this.#latest = { ...this.#latest, ...report };
    this.#dirty = true;
    if (!this.#writing) void this.#write();
  }

  /** What is not written yet, to go along with another write; `settle` says how that one ended. */
  take(newer: Report = {}): { readonly report: Report; settle(written: boolean): void } {
    const isNewer = newer.metadata !== undefined || newer.progress !== undefined;
    if (isNewer) this.#latest = { ...this.#latest, ...newer };
    const report = this.#dirty || isNewer ? this.#latest : undefined;
    this.#dirty = false;
    const settle = (written: boolean): void => {
      if (!written && report !== undefined && this.#latest !== undefined) this.report(this.#latest);
    };
    return { report: report ?? {}, settle };
  }

  /** Ends the writing. @returns the last report, which belongs to the outcome. */
  close(): Report | undefined {
    this.#closed.abort();
    return this.#latest;
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#dirty && (await this.#turn())) {
      const report = this.#latest;
      if (!this.#isDirty() || report === undefined) break;
      this.#dirty = false;
      this.#nextWriteMs = this.#options.clock.monotonic() + this.#options.intervalMs;
      try {
        await this.#options.write(report);
      } catch (error) {
        if (this.#closed.signal.aborted) break;
        this.#dirty = true;
        this.#options.onError(error);
      }
    }
    this.#writing = false;
  }

  /** A checkpoint may have taken the progress along while this waited; a method, as narrowing outlives the wait. */
  #isDirty(): boolean {
    return this.#dirty;
  }

  /** Waits for the interval's end. @returns false once closed. */
  async #turn(): Promise<boolean> {
    const waitMs = this.#nextWriteMs - this.#options.clock.monotonic();
    try {
      if (waitMs > 0) await this.#options.clock.sleep(waitMs, this.#closed.signal);
    } catch {
      return false;
    }
    return !this.#closed.signal.aborted;
  }
}
