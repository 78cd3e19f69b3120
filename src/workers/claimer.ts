import type { Leases } from '../operations/leases.ts';
import type { Operation } from '../operations/operation.ts';
import { AloneTurns } from './alone-turn.ts';
import { Attempt, type AttemptParts } from './attempt.ts';
import { Loop, type LoopHealth, type LoopParts } from './loop.ts';
import { handBackStrays, type StrayCheckOptions } from './stray-check.ts';
import type { WorkerSlots } from './worker-slots.ts';

export interface ClaimerOptions extends AttemptParts, LoopParts {
  readonly operations: StrayCheckOptions['operations'];
  readonly slots: readonly WorkerSlots[];
  /** The session to claim under; undefined while nothing may be claimed. */
  session(): string | undefined;
}

/**
 * Fills free slots with queued operations, by priority, then age.
 *
 * Woken by hints and by slots that become free; its interval is the bound when a hint is lost, and finds what was waiting for
 * its backoff. What a claim brings after the session was given up, or after stop, is handed back unstarted; so is what a claim
 * took whose answer was lost. That is looked for between two claims, so that none is under way.
 */
export class Claimer {
  readonly #options: ClaimerOptions;
  readonly #leases: Leases;
  readonly #loop: Loop;
  readonly #turns: AloneTurns;
  #stopped = false;
  /** When strays are looked for again, on the monotonic clock: at once after a claim that failed. */
  #strayCheckMs = -Infinity;
  #claimFailed = false;

  constructor(options: ClaimerOptions) {
    this.#options = options;
    this.#leases = options.leases;
    this.#loop = new Loop({
      ...options,
      name: 'claim',
      intervalMs: options.limits.claimIntervalMs,
      round: () => this.#round(),
    });
    this.#turns = new AloneTurns({
      ...options,
      onOver: () => {
        this.wake();
      },
    });
  }

  start(): void {
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  /** Resolves when no claim is under way; none follows. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop.stop();
    if (!this.#claimFailed) return;
    await this.#checkStrays().catch((error: unknown) => {
      this.#options.logger.warn({ error }, 'what a failed claim may have taken could not be looked for');
    });
  }

  health(): LoopHealth {
    return this.#loop.health();
  }

  async #round(): Promise<undefined> {
    if (this.#claimFailed || this.#options.clock.monotonic() >= this.#strayCheckMs) await this.#checkStrays();
    for (const slots of this.#options.slots) {
      if (!this.#turns.active && slots.freeCount > 0) await this.#claim(slots);
    }
    if (this.#turns.due) await this.#claimAlone();
    return undefined;
  }

  async #checkStrays(): Promise<void> {
    const session = this.#options.session();
    if (session === undefined) return;
    await handBackStrays(session, this.#options);
    this.#claimFailed = false;
    this.#strayCheckMs = this.#options.clock.monotonic() + this.#options.limits.heldCheckIntervalMs;
  }

  async #claim(slots: WorkerSlots): Promise<void> {
    const session = this.#options.session();
    if (session === undefined || this.#stopped) return;
    const { kinds, share } = slots.worker;
    const query = { kinds, limit: slots.freeCount, alone: false, ...(share === undefined ? {} : { share }) };
    for (const operation of await this.#take(session, query)) this.#launch(operation, slots, session);
  }

  /** A claim that fails may have been carried out all the same. */
  async #take(session: string, query: Parameters<Leases['claim']>[1]): Promise<readonly Operation[]> {
    this.#claimFailed = true;
    const claimed = await this.#leases.claim(session, query);
    this.#claimFailed = false;
    return claimed;
  }

  /** One operation that may only run alone: beyond the slots, as it starts when they are empty. */
  async #claimAlone(): Promise<void> {
    for (const slots of this.#options.slots) {
      const session = this.#options.session();
      if (session === undefined || this.#stopped) return;
      if (slots.quarantined) continue;
      const [operation] = await this.#take(session, { kinds: slots.worker.kinds, limit: 1, alone: true });
      if (operation === undefined) continue;
      const gate = Promise.withResolvers<undefined>();
      const start = (): void => {
        gate.resolve(undefined);
      };
      void this.#turns.take(this.#launch(operation, slots, session, gate.promise), start);
      return;
    }
    this.#turns.skip();
  }

  #launch(operation: Operation, slots: WorkerSlots, session: string, gate?: Promise<undefined>): Attempt {
    const attempt: Attempt = new Attempt({
      ...this.#options,
      operation,
      worker: slots.worker,
      ...(gate === undefined ? {} : { gate }),
      onStuck: () => {
        slots.quarantine(attempt);
      },
    });
    if (this.#stopped || this.#options.session() !== session) attempt.suspend();
    slots.occupy(attempt);
    void attempt.run().then(() => {
      slots.release(attempt);
      this.wake();
    });
    return attempt;
  }
}
