/**
 * Runs the workers of one process over one database. It only wires and orders its parts:
 *
 *   SessionKeeper  the worker session, and its end in time      Claimer       queued operations into free slots
 *   session sweep  what dead sessions left                      AloneTurns    room for what kills its process
 *   held check     what lost hints would have told              Attempt       one execution under one lease
 *   timers         what is due by itself                        drain         the orderly end
 *   purge          what has expired
 */
import { settlesWithin } from '../core/bounded-wait.ts';
import { Interrupted } from '../core/cancellation.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Database } from '../operations/database.ts';
import type { Leases } from '../operations/leases.ts';
import type { ChangeHint } from '../operations/operation-repository.ts';
import type { WorkerDirectory, WorkerStatus } from '../operations/worker-directory.ts';
import { Claimer } from './claimer.ts';
import { drainAttempts, type DrainResult } from './drain.ts';
import { HeldCheck } from './held-check.ts';
import type { WorkerLimits } from './limits.ts';
import { Loop, type LoopHealth, type LoopParts } from './loop.ts';
import { purgeLoop } from './purge-loop.ts';
import type { WorkerRegistry } from './registry.ts';
import { SessionKeeper } from './session-keeper.ts';
import { sessionSweepLoop } from './session-sweep.ts';
import { timerLoop } from './timer-loop.ts';
import { WorkerSlots } from './worker-slots.ts';
import type { Worker } from './worker.ts';

/** A loop that has not turned for so many of its intervals will not turn again. */
const STALLED_INTERVAL_COUNT = 3;

export interface DispatcherOptions {
  readonly database: Database;
  readonly leases: Leases;
  readonly registry: WorkerRegistry;
  readonly workers: readonly Worker[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: WorkerLimits;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly newSessionId: () => string;
}

export interface DispatcherHealth {
  readonly loops: readonly LoopHealth[];
  /** Whether a worker session is alive: false while the storage does not answer. */
  readonly sessionAlive: boolean;
  /** Workers that get no work, as a handler of theirs does not stop. */
  readonly quarantined: readonly string[];
}

export class Dispatcher implements WorkerDirectory {
  readonly #options: DispatcherOptions;
  readonly #slots: readonly WorkerSlots[];
  readonly #keeper: SessionKeeper;
  readonly #claimer: Claimer;
  readonly #heldCheck: HeldCheck;
  readonly #sweep: Loop;
  readonly #timers: Loop;
  readonly #purge: Loop;
  readonly #hints: Loop;
  #recovered = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { database, limits } = options;
    const { storageBackoff: backoff, faultLogIntervalMs } = limits;
    const parts = { ...options, backoff, faultLogIntervalMs };
    this.#slots = options.workers.map((worker) => new WorkerSlots(worker));
    this.#keeper = this.#sessionKeeper(parts);
    this.#claimer = new Claimer({
      ...parts,
      operations: database.operations,
      slots: this.#slots,
      session: () => (this.#recovered ? this.#keeper.session : undefined),
    });
    this.#heldCheck = new HeldCheck(parts);
    this.#sweep = this.#sessionSweep(parts);
    this.#timers = timerLoop(options, parts);
    this.#purge = purgeLoop(database.operations, limits, parts);
    this.#hints = new Loop({ ...parts, name: 'hints', intervalMs: 0, round: (signal) => this.#follow(signal) });
  }

  /** Begins: recovers what an earlier process left, and claims only then. Needs no answer of the database to return. */
  start(): void {
    for (const loop of [this.#hints, this.#sweep, this.#timers, this.#heldCheck, this.#purge]) loop.start();
    this.#keeper.start();
    this.#claimer.start();
  }

  /**
   * Claims nothing any more, and gives back what is held, each with its checkpoint. Cancels go on working meanwhile.
   * @returns who ignored it, after `graceMs` at most.
   */
  drain(graceMs: number): Promise<DrainResult> {
    return drainAttempts(graceMs, { ...this.#options, claimsStopped: this.#claimer.stop() });
  }

  /**
   * Stops every loop, then the workers. Drain first: what still runs is interrupted as by a shutdown whose grace is over. It
   * is handed back at no cost where it stops at once, as threads do; the rest loses its session.
   */
  async close(): Promise<void> {
    const { registry, limits, clock } = this.#options;
    await this.#claimer.stop();
    const held = registry.held();
    for (const attempt of held) attempt.abort(new Interrupted('shutdown', 0));
    const loops = [this.#hints, this.#sweep, this.#timers, this.#heldCheck, this.#purge];
    await Promise.all([this.#keeper.stop(), ...loops.map((loop) => loop.stop())]);
    await Promise.all(this.#options.workers.map((worker) => worker.close()));
    if (held.length > 0) await settlesWithin(registry.whenEmpty(), limits.closeReportMs, clock);
  }

  /** For /livez and /readyz. The loop that follows hints is not in it: it waits, and what it misses the others find. */
  health(): DispatcherHealth {
    const loops = [this.#claimer, this.#sweep, this.#timers, this.#heldCheck, this.#purge].map((loop) => loop.health());
    return {
      loops: [...loops, ...this.#keeper.health()],
      sessionAlive: this.#keeper.session !== undefined,
      quarantined: this.#slots.filter(({ quarantined }) => quarantined).map(({ worker }) => worker.name),
    };
  }

  workers(): readonly WorkerStatus[] {
    return this.#slots.map(({ status }) => status);
  }

  /** Names of loops that have not turned for several of their intervals; one that waits for a slow storage still turns. */
  stalledLoops(): readonly string[] {
    const isStalled = ({ inRound, stopped, sinceTurnMs, intervalMs }: LoopHealth): boolean =>
      !inRound && !stopped && sinceTurnMs > STALLED_INTERVAL_COUNT * intervalMs;
    return this.health()
      .loops.filter(isStalled)
      .map(({ name }) => name);
  }

  #sessionKeeper(parts: LoopParts): SessionKeeper {
    return new SessionKeeper({
      ...this.#options,
      ...parts,
      onRenewed: () => {
        this.#claimer.wake();
      },
      onLost: (reason) => {
        for (const attempt of this.#options.registry.held()) attempt.lose(reason);
      },
    });
  }

  #sessionSweep(parts: LoopParts): Loop {
    return sessionSweepLoop({
      ...this.#options,
      ...parts,
      onFirst: () => {
        this.#recovered = true;
        this.#claimer.wake();
      },
    });
  }

  /** Reads hints until stopped; when they end by themselves the next round subscribes anew. */
  async #follow(signal: AbortSignal): Promise<number> {
    for await (const hint of this.#options.database.operations.changes(signal)) this.#hear(hint);
    return this.#options.limits.storageBackoff.maxMs;
  }

  #hear({ name, state }: ChangeHint): void {
    if (state === undefined || state === 'QUEUED') this.#claimer.wake();
    if (state !== 'RUNNING') this.#heldCheck.notice(name);
    // It may have children, to which its cancel is to be carried.
    if (state === 'CANCELLING' || state === 'CANCELLED') this.#timers.wake();
  }
}
