import type { ChangeHint } from '../operations/operation-repository.ts';

/**
 * Hands hints to those who listen, one for each name that a reader has not taken yet.
 *
 * @param hintsPerReaderMax  names kept for a reader that does not read; the oldest are lost beyond it, and that is told.
 */
export class HintHub {
  readonly #hintsPerReaderMax: number;
  readonly #readers = new Set<HintReader>();

  constructor(hintsPerReaderMax: number) {
    this.#hintsPerReaderMax = hintsPerReaderMax;
  }

  publish(hint: ChangeHint): void {
    for (const reader of this.#readers) reader.offer(hint);
  }

  /** Listens from this call on, also before the first hint is asked for, until the signal aborts. */
  subscribe(signal: AbortSignal): AsyncIterable<ChangeHint> {
    const leave = (): void => {
      signal.removeEventListener('abort', leave);
      this.#readers.delete(reader);
      reader.end();
    };
    const reader = new HintReader(this.#hintsPerReaderMax, leave);
    this.#readers.add(reader);
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    return reader;
  }

  /** Ends every iteration. */
  close(): void {
    for (const reader of [...this.#readers]) reader.leave();
  }
}

/** Tells a reader that it has missed some. */
const LOST: ChangeHint = { name: '' };

class HintReader implements AsyncIterableIterator<ChangeHint> {
  readonly leave: () => void;
  readonly #limit: number;
  readonly #pending = new Map<string, ChangeHint>();
  #waiting: ((result: IteratorResult<ChangeHint>) => void)[] = [];
  #ended = false;

  constructor(limit: number, leave: () => void) {
    this.#limit = limit;
    this.leave = leave;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  offer(hint: ChangeHint): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting({ done: false, value: hint });
      return;
    }
    this.#pending.set(hint.name, hint);
    if (this.#pending.size <= this.#limit) return;
    this.#dropOldest();
    this.#pending.set(LOST.name, LOST);
  }

  next(): Promise<IteratorResult<ChangeHint>> {
    const first = this.#pending.values().next();
    if (first.done !== true) {
      this.#pending.delete(first.value.name);
      return Promise.resolve({ done: false, value: first.value });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<ChangeHint>> {
    this.leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  end(): void {
    this.#ended = true;
    this.#pending.clear();
    for (const waiting of this.#waiting) waiting({ done: true, value: undefined });
    this.#waiting = [];
  }

  #dropOldest(): void {
    const oldest = this.#pending.keys().next();
    if (oldest.done !== true) this.#pending.delete(oldest.value);
  }
}
