import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { invalidArgument } from '../core/status-error.ts';
import type { Database } from './database.ts';
import { isDone, type Operation } from './operation.ts';
import { notFound, visible } from './visible.ts';
import { Waiters, type WaiterLimits, type WaitersOptions } from './waiters.ts';

export interface WaitLimits extends WaiterLimits {
  /** The longest a wait is parked, milliseconds. */
  readonly waitMaxMs: number;
  /** A wait is answered this long before its caller's deadline, so that the answer arrives in time, milliseconds. */
  readonly waitMarginMs: number;
  /** What a caller is told to wait when too many are parked, milliseconds. */
  readonly waitRetryDelayMs: number;
  /** How often every parked name is read in case a hint was lost, milliseconds. */
  readonly waitBackstopMs: number;
}

export interface WaitsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly nextTurn: () => Promise<void>;
  readonly logger: Logger;
  readonly limits: WaitLimits;
}

export interface WaitOptions {
  /** As the request says, milliseconds; absent = as long as the protocol allows. */
  readonly timeoutMs?: number;
  /** The caller's own deadline, milliseconds since the epoch. */
  readonly deadlineMs?: number;
  readonly signal: AbortSignal;
}

export interface WaitResult {
  readonly operation: Operation;
  /** Set when the wait was not parked because too many are: come back after this, milliseconds. */
  readonly retryDelayMs?: number;
}

/** WaitOperation: callers parked until the repository's hints, or a backstop that reads in case one was lost, wake them. */
export class Waits {
  readonly #options: WaitsOptions;
  readonly #waiters: Waiters;
  /** Nobody wakes waiters any more. */
  #isOver = false;

  constructor(options: WaitsOptions) {
    this.#options = options;
    const { database, clock, nextTurn, limits } = options;
    const read: WaitersOptions['read'] = (names, damaged) => database.operations.getMany(names, damaged);
    this.#waiters = new Waiters({ read, clock, nextTurn, limits });
  }

  /** Parked waits. */
  get count(): number {
    return this.#waiters.count;
  }

  /** See Operations.wait. */
  async wait(name: string, options: WaitOptions): Promise<WaitResult> {
    const { timeoutMs } = options;
    if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
      const metadata = { timeoutMs: String(timeoutMs) };
      throw invalidArgument('timeout', `is ${metadata.timeoutMs} ms; it must not be negative`, { metadata });
    }
    const parkMs = this.#parkMs(options);
    const current = await this.#read(name);
    if (isDone(current) || parkMs <= 0 || this.#isOver) return { operation: current };
    if (this.#waiters.isFull) return { operation: current, retryDelayMs: this.#options.limits.waitRetryDelayMs };
    return { operation: await this.#park(name, parkMs, options.signal) };
  }

  /** Wakes those who wait for an operation that may have ended or gone. Never rejects: the backstop looks at what was not read. */
  async check(name: string): Promise<void> {
    await this.#orLater(this.#waiters.check(name));
  }

  /** Wakes waiters until the signal aborts; then every wait that is left, or comes later, is answered with the current state. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#followHints(signal), this.#backstop(signal)]);
    this.#isOver = true;
    await this.#waiters.releaseAll();
  }

  async #read(name: string): Promise<Operation> {
    return visible(await this.#options.database.operations.get(name), name);
  }

  #parkMs(options: WaitOptions): number {
    const { waitMaxMs, waitMarginMs } = this.#options.limits;
    const untilDeadline =
      options.deadlineMs === undefined ? waitMaxMs : options.deadlineMs - this.#options.clock.now() - waitMarginMs;
    return Math.min(options.timeoutMs ?? waitMaxMs, untilDeadline, waitMaxMs);
  }

  /** Subscribes, reads, and only then waits: a completion in between is seen by the read. */
  async #park(name: string, parkMs: number, signal: AbortSignal): Promise<Operation> {
    const { end, leave } = this.#waiters.park(name, parkMs);
    signal.addEventListener('abort', leave, { once: true });
    try {
      if (signal.aborted) leave();
      await this.#waiters.check(name);
      const ended = await end;
      signal.throwIfAborted();
      if (ended === 'gone') throw notFound(name);
      return ended === 'over' ? await this.#read(name) : ended.operation;
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }

  async #followHints(signal: AbortSignal): Promise<void> {
    for await (const { name, state } of this.#options.database.operations.changes(signal)) {
      if (state === undefined || isDone({ state })) await this.check(name);
    }
  }

  async #backstop(signal: AbortSignal): Promise<void> {
    const { clock, limits } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(limits.waitBackstopMs, signal).catch(() => undefined);
      await this.#orLater(this.#waiters.checkAll());
    }
  }

  /** A read that fails wakes nobody now; the backstop reads again. */
  async #orLater(check: Promise<void>): Promise<void> {
    try {
      await check;
    } catch (error) {
      this.#options.logger.warn({ error }, 'parked waits were not looked at; they are later');
    }
  }
}
