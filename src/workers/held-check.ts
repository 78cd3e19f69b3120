import { Interrupted } from '../core/cancellation.ts';
import type { Leases } from '../operations/leases.ts';
import type { WorkerLimits } from './limits.ts';
import { Loop, type LoopHealth, type LoopParts } from './loop.ts';
import type { HeldAttempt, WorkerRegistry } from './registry.ts';

export interface HeldCheckOptions extends LoopParts {
  readonly leases: Leases;
  readonly registry: WorkerRegistry;
  readonly limits: WorkerLimits;
}

/**
 * Re-reads what is held here: one operation when a hint names it, and every one at an interval, so that a cancel, a pause or
 * a lost lease is found when every hint was lost.
 */
export class HeldCheck {
  readonly #options: HeldCheckOptions;
  readonly #loop: Loop;
  readonly #hinted = new Set<string>();
  /** When all are read again, on the monotonic clock. */
  #allMs = -Infinity;

  constructor(options: HeldCheckOptions) {
    this.#options = options;
    const intervalMs = options.limits.heldCheckIntervalMs;
    this.#loop = new Loop({ ...options, name: 'held-check', intervalMs, round: () => this.#round() });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  health(): LoopHealth {
    return this.#loop.health();
  }

  /** Reads the operation soon, if it is held here. */
  notice(name: string): void {
    if (!this.#options.registry.has(name)) return;
    this.#hinted.add(name);
    this.#loop.wake();
  }

  /** @returns milliseconds until all are read. */
  async #round(): Promise<number> {
    const { clock, limits, registry } = this.#options;
    const hinted = new Set(this.#hinted);
    this.#hinted.clear();
    const all = clock.monotonic() >= this.#allMs;
    // Should this round fail, the next one reads all, so that no hint is lost with it.
    const nextMs = all ? clock.monotonic() + limits.heldCheckIntervalMs : this.#allMs;
    this.#allMs = -Infinity;
    const held = registry.held().filter(({ holds, lease }) => holds && (all || hinted.has(lease.name)));
    const countMax = limits.heldCheckCountMax;
    for (let from = 0; from < held.length; from += countMax) await this.#check(held.slice(from, from + countMax));
    this.#allMs = nextMs;
    return nextMs - clock.monotonic();
  }

  async #check(held: readonly HeldAttempt[]): Promise<void> {
    const names = held.map((attempt) => attempt.lease.name);
    const damaged = new Set<string>();
    const records = await this.#options.leases.read(names, (name) => damaged.add(name));
    const found = new Map(records.map((record) => [record.name, record]));
    for (const attempt of held) {
      // Whether it is still held cannot be told: its next write will be.
      if (damaged.has(attempt.lease.name)) continue;
      const record = found.get(attempt.lease.name);
      if (record === undefined) attempt.lose(new Interrupted('lease-lost', 0));
      else attempt.deliver(record);
    }
  }
}
