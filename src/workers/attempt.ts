/**
 * One execution of an operation under one lease.
 *
 *   register → re-read → run the handler → decide (outcome.ts) → report under the fence (outcome-report.ts) → unregister
 *
 * Registering comes before re-reading: a cancel that committed before the read is seen by it, and one that commits after it
 * finds the attempt in the registry. Two signals go to the handler (stop, suspend); a third one, `lost`, says that the lease
 * is gone: it ends every retry, refuses every write, and keeps the outcome from being reported.
 *
 * A cancel starts the grace. When it is over and the handler still runs, the lease is taken from it; the attempt, and with it
 * the worker's slot, lasts until the handler ends.
 */
import { Interrupted } from '../core/cancellation.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { CancelLegs, Lease } from '../operations/lease.ts';
import type { Leases, Outcome } from '../operations/leases.ts';
import { isLeased, type Cancellation, type Operation } from '../operations/operation.ts';
import type { Task, TaskContext } from '../operations/task.ts';
import { runTimedOut } from '../operations/timers.ts';
import { LeasedWrites } from './leased-writes.ts';
import type { WorkerLimits } from './limits.ts';
import { decideOutcome, type Settled } from './outcome.ts';
import { reportOutcome } from './outcome-report.ts';
import type { HeldAttempt, WorkerRegistry } from './registry.ts';
import { untilAborted } from './storage-retry.ts';
import type { Worker } from './worker.ts';

/** What all attempts of a process share. */
export interface AttemptParts {
  readonly leases: Leases;
  readonly registry: WorkerRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: WorkerLimits;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface AttemptOptions extends AttemptParts {
  /** As it was claimed. */
  readonly operation: Operation;
  readonly worker: Worker;
  /** The handler does not start before it resolves; an interrupt does not wait for it. */
  readonly gate?: Promise<void>;
  /** The handler went on for too long after it was given up on. */
  onStuck?(): void;
}

export class Attempt implements HeldAttempt {
  readonly lease: Lease;
  readonly ended: Promise<undefined>;
  readonly #options: AttemptOptions;
  readonly #logger: Logger;
  readonly #writes: LeasedWrites;
  readonly #signal = new AbortController();
  readonly #suspend = new AbortController();
  readonly #lost = new AbortController();
  readonly #handlerEnded = new AbortController();
  readonly #ended = Promise.withResolvers<undefined>();
  #legs: CancelLegs = {};
  #reporting = false;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#logger = options.logger;
    this.lease = { name: options.operation.name, fence: options.operation.fence };
    this.ended = this.#ended.promise;
    this.#writes = new LeasedWrites({
      ...options,
      lease: this.lease,
      lost: this.#lost.signal,
      onStale: () => {
        this.lose(new Interrupted('lease-lost', 0));
      },
    });
  }

  get holds(): boolean {
    return !this.#lost.signal.aborted;
  }

  /** Resolves with the first checkpoint that is durable. */
  get checkpointed(): Promise<undefined> {
    return this.#writes.checkpointed;
  }

  /** Resolves when the handler has ended and nothing is left to report. Never rejects. */
  async run(): Promise<void> {
    const earlier = this.#options.registry.register(this);
    try {
      const settled = await this.#execute(earlier);
      this.#handlerEnded.abort();
      this.#reporting = true;
      await this.#report(settled);
    } catch (error) {
      this.#logger.error({ ...this.#fields(), error }, 'the attempt could not report its outcome');
    } finally {
      this.#options.registry.unregister(this);
      this.#ended.resolve(undefined);
    }
  }

  deliver(operation: Operation): void {
    // An outcome under way is answered by the repository itself; an older grant's record says nothing of this one.
    if (this.#reporting || operation.fence < this.lease.fence) return;
    if (operation.fence !== this.lease.fence || !isLeased(operation)) this.lose(new Interrupted('lease-lost', 0));
    else if (operation.state === 'CANCELLING') this.#cancel(operation.cancel);
    else if (operation.state === 'SUSPENDING') this.suspend();
  }

  suspend(): void {
    this.#suspend.abort();
  }

  abort(reason: Interrupted): void {
    if (this.#signal.signal.aborted) return;
    this.#signal.abort(reason);
    void this.#watch(reason.graceMs);
  }

  lose(reason: Interrupted): void {
    if (this.#lost.signal.aborted) return;
    this.#logger.warn(this.#fields(), 'the lease is lost; the work is stopped and reports nothing');
    this.#lost.abort(reason);
    this.abort(reason);
  }

  #cancel(cancellation: Cancellation | undefined): void {
    if (this.#legs.deliverTimeMs !== undefined) return;
    const { clock, limits } = this.#options;
    this.#legs = { deliverTimeMs: Math.max(clock.now(), cancellation?.requestTimeMs ?? 0) };
    const alreadyAborted = this.#signal.signal.aborted;
    this.abort(new Interrupted(cancellation?.reason ?? 'user', limits.cancelGraceMs));
    if (alreadyAborted) void this.#watch(limits.cancelGraceMs);
  }

  async #execute(earlier: readonly HeldAttempt[]): Promise<Settled> {
    const { worker, operation } = this.#options;
    try {
      await this.#ready(earlier);
      if (this.#suspend.signal.aborted) return { resolved: 'suspended' };
      return { resolved: await this.#bounded(() => worker.run(taskOf(operation), this.#context())) };
    } catch (rejected) {
      return { rejected };
    }
  }

  /** Interrupts what takes longer than the operation's run timeout. */
  async #bounded<T>(run: () => Promise<T>): Promise<T> {
    const { clock, limits, operation } = this.#options;
    if (operation.runTimeoutMs === undefined) return run();
    const cancel = clock.after(operation.runTimeoutMs, () => {
      this.abort(new Interrupted('run-timeout', limits.cancelGraceMs));
    });
    try {
      return await run();
    } finally {
      cancel();
    }
  }

  /** Waits for what must come first; an interrupt ends the wait, and then the handler is not started at all. */
  async #ready(earlier: readonly HeldAttempt[]): Promise<void> {
    const { leases, gate } = this.#options;
    const [current] = await this.#writes.write(() => leases.read([this.lease.name]));
    if (current === undefined) this.lose(new Interrupted('lease-lost', 0));
    else this.deliver(current);
    this.#signal.signal.throwIfAborted();
    if (earlier.length > 0) this.#logger.warn(this.#fields(), 'waits for an earlier attempt whose handler goes on');
    const first = Promise.all([gate, ...earlier.map((attempt) => attempt.ended)]);
    await untilAborted(untilAborted(first, this.#signal.signal), this.#suspend.signal).catch(() => undefined);
    this.#signal.signal.throwIfAborted();
  }

  #context(): TaskContext {
    const { checkpoint } = this.#options.operation;
    return {
      signal: this.#signal.signal,
      suspend: this.#suspend.signal,
      fence: this.lease.fence,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      journal: this.#writes.journal,
      reportProgress: (progress, standard) => {
        this.#writes.reportProgress(progress, standard);
      },
      saveCheckpoint: (state, progress, standard) => this.#writes.saveCheckpoint(state, progress, standard),
      acknowledge: () => {
        this.#acknowledge();
      },
    };
  }

  #acknowledge(): void {
    if (this.#legs.deliverTimeMs === undefined || this.#legs.acknowledgeTimeMs !== undefined) return;
    const acknowledgeTimeMs = Math.max(this.#options.clock.now(), this.#legs.deliverTimeMs);
    this.#legs = { ...this.#legs, acknowledgeTimeMs };
  }

  async #report(settled: Settled): Promise<void> {
    const outcome = this.#outcome();
    const decision = decideOutcome(settled, {
      name: this.lease.name,
      signal: this.#signal.signal,
      suspend: this.#suspend.signal,
      lost: this.#lost.signal.aborted,
      cancelled: this.#legs.deliverTimeMs !== undefined,
      ...(this.#options.operation.runTimeoutMs === undefined
        ? {}
        : { runTimeoutMs: this.#options.operation.runTimeoutMs }),
      responseSizeMaxBytes: this.#options.limits.messageSizeMaxBytes,
    });
    await reportOutcome(decision, outcome, {
      ...this.#options,
      lease: this.lease,
      writes: this.#writes,
      fields: this.#fields(),
      holds: () => this.holds,
    });
  }

  /** The end of the grace: the operation is taken away, then the worker is closed to new work if the handler goes on. */
  async #watch(graceMs: number): Promise<void> {
    // Where the grace is already over, stopping still takes a moment.
    if (!(await this.#outlives(Math.max(graceMs, this.#options.limits.fenceMarginMs)))) return;
    this.#logger.warn(this.#fields(), 'the handler did not stop within its grace');
    if (this.holds) await this.#giveUp();
    if (!(await this.#outlives(this.#options.limits.quarantineAfterMs))) return;
    this.#logger.error(this.#fields(), 'the handler goes on; its worker is given no more work until it ends');
    this.#options.onStuck?.();
  }

  /** A cancel ends without the handler's word, and so does an attempt that takes too long; a shutdown waits for its session's end. */
  async #giveUp(): Promise<void> {
    const { leases, operation } = this.#options;
    const legs = this.#legs;
    if (legs.deliverTimeMs !== undefined) await this.#takeAway(() => leases.revoke(this.lease, legs));
    else if ((this.#signal.signal.reason as Interrupted).kind === 'run-timeout') {
      await this.#takeAway(() => leases.fail(this.lease, runTimedOut(operation), { retryable: true }));
    }
  }

  async #takeAway(write: () => Promise<Operation>): Promise<void> {
    try {
      await this.#writes.write(write);
      this.#logger.warn(this.#fields(), 'the operation was taken away from its handler: its stop is not confirmed');
      this.#lost.abort(new Interrupted('lease-lost', 0));
    } catch (error) {
      this.#logger.error({ ...this.#fields(), error }, 'the operation could not be taken away from its handler');
    }
  }

  /** Whether the handler still runs after so long. */
  async #outlives(ms: number): Promise<boolean> {
    try {
      await this.#options.clock.sleep(ms, this.#handlerEnded.signal);
      return !this.#handlerEnded.signal.aborted;
    } catch {
      return false;
    }
  }

  #outcome(): Outcome & CancelLegs {
    return { ...this.#legs, ...this.#writes.end() };
  }

  #fields(): { operation: string; fence: string; worker: string } {
    return { operation: this.lease.name, fence: String(this.lease.fence), worker: this.#options.worker.name };
  }
}

function taskOf(operation: Operation): Task {
  return {
    name: operation.name,
    kind: operation.kind,
    request: operation.request,
    ...(operation.resource === undefined ? {} : { resource: operation.resource }),
    attempt: operation.attemptCount,
    fence: operation.fence,
    createTimeMs: operation.createTimeMs,
    startTimeMs: operation.startTimeMs ?? operation.createTimeMs,
  };
}
