import type { Clock } from '../core/clock.ts';
import { isDone, type Operation } from './operation.ts';
import type { DamagedRecord } from './operation-repository.ts';

export interface WaiterLimits {
  /** Parked waits of this process; one costs about 10 kB with its call. More are answered at once. */
  readonly waiterCountMax: number;
  /** Waits released before the event loop gets a turn, so that waking 10,000 stalls nobody. */
  readonly releaseSliceSize: number;
  /** Names per read of the backstop. */
  readonly backstopChunkSize: number;
}

export interface WaitersOptions {
  /** Reads records as they are; those that are missing, and not told to be damaged, are gone. */
  readonly read: (names: readonly string[], damaged: DamagedRecord) => Promise<readonly Operation[]>;
  readonly clock: Clock;
  /** Resolves in a later turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
  readonly limits: WaiterLimits;
}

/** What became of a wait: the finished record, gone (deleted meanwhile), or over before the operation's end. */
export type WaitEnd = { readonly operation: Operation } | 'gone' | 'over';

interface Waiter {
  readonly name: string;
  readonly settle: (end: WaitEnd) => void;
}

/**
 * Parks callers until an operation is done. Costs nothing while they wait.
 *
 * A completion that was committed before `park` was called is never missed when the caller parks first and reads then: hints wake
 * it, and a backstop reads every parked name now and then in case a hint was lost.
 */
export class Waiters {
  readonly #options: WaitersOptions;
  readonly #byName = new Map<string, Set<Waiter>>();
  readonly #ready: [Waiter, WaitEnd][] = [];
  #count = 0;
  #releasing: Promise<void> | undefined;

  constructor(options: WaitersOptions) {
    this.#options = options;
  }

  /** How many are parked. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= this.#options.limits.waiterCountMax;
  }

  /**
   * Parks one caller.
   *
   * @returns its end, and a function that ends it early as 'over'; calling that after the end does nothing.
   */
  park(name: string, timeoutMs: number): { readonly end: Promise<WaitEnd>; readonly leave: () => void } {
    const { promise, resolve } = Promise.withResolvers<WaitEnd>();
    const settle = (end: WaitEnd): void => {
      if (!this.#remove(waiter)) return;
      cancelTimer();
      resolve(end);
    };
    const waiter: Waiter = { name, settle };
    const leave = (): void => {
      settle('over');
    };
    const cancelTimer = this.#options.clock.after(timeoutMs, leave);
    this.#add(waiter);
    return { end: promise, leave };
  }

  /** Looks at an operation that may have ended or gone, and releases its waiters if it did. */
  async check(name: string): Promise<void> {
    if (this.#byName.has(name)) await this.#checkMany([name]);
  }

  /** Looks at every parked name: the bound on a wake that no hint brought. */
  async checkAll(): Promise<void> {
    const names = [...this.#byName.keys()];
    const size = this.#options.limits.backstopChunkSize;
    for (let start = 0; start < names.length; start += size) {
      await this.#checkMany(names.slice(start, start + size));
    }
  }

  /** Ends every wait as 'over', in slices: for a drain. */
  async releaseAll(): Promise<void> {
    for (const waiters of this.#byName.values()) {
      for (const waiter of waiters) this.#ready.push([waiter, 'over']);
    }
    await this.#release();
  }

  async #checkMany(names: readonly string[]): Promise<void> {
    const damaged = new Set<string>();
    const found = await this.#options.read(names, (name) => damaged.add(name));
    const records = new Map(found.map((operation) => [operation.name, operation]));
    for (const name of names) {
      // Who waits reads it then, and learns what is wrong with it.
      const end = damaged.has(name) ? 'over' : endOf(records.get(name));
      if (end === undefined) continue;
      for (const waiter of this.#byName.get(name) ?? []) this.#ready.push([waiter, end]);
    }
    await this.#release();
  }

  async #release(): Promise<void> {
    if (this.#ready.length === 0) return;
    this.#releasing ??= this.#releaseSlices();
    await this.#releasing;
  }

  async #releaseSlices(): Promise<void> {
    while (this.#ready.length > 0) {
      for (const [waiter, end] of this.#ready.splice(0, this.#options.limits.releaseSliceSize)) waiter.settle(end);
      await this.#options.nextTurn();
    }
    // In the very turn that saw nothing left: what is made ready from now on begins anew.
    this.#releasing = undefined;
  }

  #add(waiter: Waiter): void {
    const waiters = this.#byName.get(waiter.name);
    if (waiters === undefined) this.#byName.set(waiter.name, new Set([waiter]));
    else waiters.add(waiter);
    this.#count += 1;
  }

  #remove(waiter: Waiter): boolean {
    const waiters = this.#byName.get(waiter.name);
    if (waiters?.delete(waiter) !== true) return false;
    if (waiters.size === 0) this.#byName.delete(waiter.name);
    this.#count -= 1;
    return true;
  }
}

function endOf(operation: Operation | undefined): WaitEnd | undefined {
  if (operation === undefined || operation.deleted) return 'gone';
  return isDone(operation) ? { operation } : undefined;
}
