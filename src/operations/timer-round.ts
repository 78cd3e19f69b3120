import type { BackoffPolicy } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { StatusError } from '../core/status-error.ts';
import { concerns } from './concerns.ts';
import type { Database } from './database.ts';
import type { Interrupter } from './interrupter.ts';
import type { RetryPolicy } from './lease.ts';
import { encoding } from './encoding.ts';
import { isLastPage, partsOfBytes } from './list-page.ts';
import type { Operation, State } from './operation.ts';
import type { Change } from './operation-repository.ts';
import type { OperationEncoder } from './presenter.ts';
import type { RestingTimers } from './resting-timers.ts';
import { fireTimer, timerOf, type TimerPosition } from './timers.ts';
import { endCascade, requestCancel } from './transitions.ts';

export interface TimerLimits {
  /** Timers fired by one write. */
  readonly timerCountMax: number;
  /** Children cancelled by one write: short enough that others are not kept waiting. */
  readonly childCountMax: number;
  /** Bytes of the values of those that one write of either kind changes: they are held together. */
  readonly timerBytesMax: number;
  /** Until an operation of which nothing could be done is tried, and told of, again. */
  readonly timerBackoff: BackoffPolicy;
  /** Such operations that are remembered. */
  readonly restingTimerCountMax: number;
}

export interface TimerRoundOptions {
  readonly database: Database;
  readonly encode: OperationEncoder;
  readonly policy: RetryPolicy;
  readonly interrupter: Interrupter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Outlives the round. */
  readonly resting: RestingTimers;
  readonly limits: TimerLimits;
}

/** States in which a child can still be asked to end. */
const CANCELLABLE: readonly State[] = ['QUEUED', 'RUNNING', 'SUSPENDING', 'PAUSED'];

/**
 * Does what timers.ts says is due: each timer by itself, in writes of bounded size. All of it is read from the records, so that
 * what a killed process has left the next one does.
 */
export class TimerRound {
  readonly #options: TimerRoundOptions;

  constructor(options: TimerRoundOptions) {
    this.#options = options;
  }

  /** @throws StatusError when the storage fails: what is left is due at the next round. */
  async run(signal: AbortSignal): Promise<void> {
    // What a cancel has reached may have children itself, and its place may be behind where the walk has come to.
    while (await this.#walk(signal));
  }

  /** Goes once through all that is due. @returns whether cancels were made that are to be carried on. */
  async #walk(signal: AbortSignal): Promise<boolean> {
    const { database, clock, resting, limits } = this.#options;
    let after: TimerPosition | undefined;
    let goesOn = false;
    while (!signal.aborted) {
      const page = await database.index.dueTimers(after, limits.timerCountMax, limits.timerBytesMax);
      const due = page.filter(({ name }) => !resting.isResting(name, clock.monotonic()));
      if (await this.#fire(due.filter(({ cascading }) => cascading === undefined))) goesOn = true;
      for (const parent of due) if (parent.cascading === true && (await this.#cascade(parent, signal))) goesOn = true;
      const last = page.at(-1);
      const bounds = { limit: limits.timerCountMax, bytesMax: limits.timerBytesMax };
      if (last === undefined || isLastPage(page, bounds)) return goesOn;
      after = { timeMs: timerOf(last) ?? 0, name: last.name };
    }
    return false;
  }

  async #fire(due: readonly Operation[]): Promise<boolean> {
    const { policy } = this.#options;
    return this.#change(due, (operation, now) => fireTimer(operation, now, policy));
  }

  /** Carries a cancel to every child, page by page. @returns whether one of them has children itself. */
  async #cascade(parent: Operation, signal: AbortSignal): Promise<boolean> {
    const { database, limits } = this.#options;
    const request = { reason: 'parent-cancelled', actor: parent.cancel?.actor ?? '' } as const;
    let after = '';
    let goesOn = false;
    while (!signal.aborted) {
      const query = { parent, states: CANCELLABLE, after, limit: limits.childCountMax };
      const children = await database.index.children(query);
      for (const part of partsOfBytes(children, limits.timerBytesMax)) {
        if (await this.#change(part, (child, now) => requestCancel(child, now, request))) goesOn = true;
      }
      const last = children.at(-1);
      if (last === undefined || children.length < limits.childCountMax) {
        await this.#change([parent], endCascade);
        return goesOn;
      }
      after = last.name;
    }
    return false;
  }

  /** @returns whether a cancel that this made is to be carried on. */
  async #change(operations: readonly Pick<Operation, 'name'>[], change: Change): Promise<boolean> {
    const { database, encode, interrupter, resting } = this.#options;
    if (operations.length === 0) return false;
    const updates = operations.map(({ name }) => ({ name, change: encoding(change, encode) }));
    const outcomes = await database.operations.updateMany(updates);
    let goesOn = false;
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') {
        this.#passBy(outcome.reason, operations[index]?.name);
        continue;
      }
      resting.succeeded(outcome.value.name);
      if (outcome.value.state === 'CANCELLING') interrupter.interrupt(outcome.value);
      if (outcome.value.cascading === true) goesOn = true;
    }
    return goesOn;
  }

  /** One operation of which nothing can be done must not keep the others. @throws what is wrong with the storage. */
  #passBy(error: unknown, operation = ''): void {
    const { clock, logger, resting, limits } = this.#options;
    if (!concerns(error, operation)) throw error;
    // The record went meanwhile, and with it what was to be done.
    if (error instanceof StatusError && error.info.reason === 'OPERATION_NOT_FOUND') return;
    resting.failed(operation, clock.monotonic(), limits.timerBackoff, limits.restingTimerCountMax);
    logger.error({ operation, error }, 'what is due of it cannot be done; it is tried again');
  }
}
