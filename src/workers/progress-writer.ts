import type { Any } from '../core/any.ts';
import type { Clock } from '../core/clock.ts';

export interface ProgressWriterOptions {
  readonly clock: Clock;
  /** At most one write in this time, milliseconds. */
  readonly intervalMs: number;
  write(metadata: Any): Promise<unknown>;
  /** Told of a write that failed; it is tried again an interval later, unless something newer took its place. */
  onError(error: unknown): void;
}

/** Writes what a handler reports: the latest wins, the first at once, and never more than one write an interval. */
export class ProgressWriter {
  readonly #options: ProgressWriterOptions;
  readonly #closed = new AbortController();
  #latest: Any | undefined;
  #dirty = false;
  #writing = false;
  #nextWriteMs = -Infinity;

  constructor(options: ProgressWriterOptions) {
    this.#options = options;
  }

  report(metadata: Any): void {
    if (this.#closed.signal.aborted) return;
    this.#latest = metadata;
    this.#dirty = true;
    if (!this.#writing) void this.#write();
  }

  /** What is not written yet, to go along with another write; `settle` says how that one ended. */
  take(newer?: Any): { readonly metadata?: Any; settle(written: boolean): void } {
    if (newer !== undefined) this.#latest = newer;
    const metadata = newer ?? (this.#dirty ? this.#latest : undefined);
    this.#dirty = false;
    const settle = (written: boolean): void => {
      if (!written && metadata !== undefined && this.#latest !== undefined) this.report(this.#latest);
    };
    return metadata === undefined ? { settle } : { metadata, settle };
  }

  /** Ends the writing. @returns the last progress, which belongs to the outcome. */
  close(): Any | undefined {
    this.#closed.abort();
    return this.#latest;
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#dirty && (await this.#turn())) {
      const metadata = this.#latest;
      if (!this.#isDirty() || metadata === undefined) break;
      this.#dirty = false;
      this.#nextWriteMs = this.#options.clock.monotonic() + this.#options.intervalMs;
      try {
        await this.#options.write(metadata);
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
