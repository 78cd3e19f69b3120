interface Waiting<Ticket> {
  readonly ticket: Ticket;
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Listened {
  waitingCount: number;
  readonly onAbort: () => void;
}

/**
 * Those who wait for their turn, in the order in which they came.
 *
 * However many wait with one signal, it has one listener: a signal looks through all that it has whenever one is added.
 */
export class TurnQueue<Ticket = undefined> {
  readonly #waiting: Waiting<Ticket>[] = [];
  readonly #signals = new Map<AbortSignal, Listened>();
  readonly #onGivenUp: () => void;

  /** @param onGivenUp  called after some have left without a turn: the next ones may have been waiting for them. */
  constructor(onGivenUp: () => void = () => undefined) {
    this.#onGivenUp = onGivenUp;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** What the first one waits with; undefined when nobody waits. */
  get first(): Ticket | undefined {
    return this.#waiting[0]?.ticket;
  }

  /** Resolves at its turn; rejects with `signal.reason` when that aborts before. */
  wait(ticket: Ticket, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ticket, signal, resolve, reject });
      this.#listen(signal).waitingCount += 1;
    });
  }

  /** It is the first one's turn. */
  letIn(): void {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    const listened = this.#listen(first.signal);
    listened.waitingCount -= 1;
    if (listened.waitingCount === 0) this.#unlisten(first.signal, listened);
    first.resolve();
  }

  #listen(signal: AbortSignal): Listened {
    const known = this.#signals.get(signal);
    if (known !== undefined) return known;
    const onAbort = (): void => {
      this.#giveUp(signal);
    };
    const listened = { waitingCount: 0, onAbort };
    this.#signals.set(signal, listened);
    signal.addEventListener('abort', onAbort, { once: true });
    return listened;
  }

  #unlisten(signal: AbortSignal, { onAbort }: Listened): void {
    this.#signals.delete(signal);
    signal.removeEventListener('abort', onAbort);
  }

  #giveUp(signal: AbortSignal): void {
    this.#signals.delete(signal);
    const stay = this.#waiting.filter((waiting) => waiting.signal !== signal);
    const leave = this.#waiting.filter((waiting) => waiting.signal === signal);
    this.#waiting.splice(0, Infinity, ...stay);
    for (const { reject } of leave) reject(signal.reason);
    this.#onGivenUp();
  }
}
