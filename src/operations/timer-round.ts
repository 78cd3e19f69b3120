import type { BackoffPolicy } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { StatusError } from '../core/status-error.ts';
import { changeEach } from './change-each.ts';
import type { Database } from './database.ts';
import type { Interrupter } from './interrupter.ts';
import type { RetryPolicy } from './lease.ts';
import { isLastPage, partsOfBytes } from './list-page.ts';
import type { OperationHead } from './operation-index.ts';
import type { Operation, State } from './operation.ts';
import type { Change } from './operation-repository.ts';
import type { OperationEncoder } from './presenter.ts';
import type { RestingTimers } from './resting-timers.ts';
import { fireTimer, ownTimerOf, timerOf, type TimerPosition } from './timers.ts';
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
  /** These outlive the round: what is due of operations by their own times, and cancels to be carried to their children. */
  readonly resting: RestingTimers;
  readonly restingCascades: RestingTimers;
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
    const { database, limits } = this.#options;
    let after: TimerPosition | undefined;
    let goesOn = false;
    while (!signal.aborted) {
      const page = await database.index.dueTimers(after, limits.timerCountMax, limits.timerBytesMax);
      if (await this.#fire(page)) goesOn = true;
      for (const parent of page) if (parent.cascading === true && (await this.#cascade(parent, signal))) goesOn = true;
      const last = page.at(-1);
      const bounds = { limit: limits.timerCountMax, bytesMax: limits.timerBytesMax };
      if (last === undefined || isLastPage(page, bounds)) return goesOn;
      after = { timeMs: timerOf(last) ?? 0, name: last.name };
    }
    return false;
  }

  async #fire(page: readonly Operation[]): Promise<boolean> {
    const { policy, clock, resting } = this.#options;
    const due = page.filter((it) => ownTimerOf(it) !== undefined && !resting.isResting(it.name, clock.monotonic()));
    const { goesOn, refusals } = await this.#change(due, (operation, now) => fireTimer(operation, now, policy));
    for (const { name, error } of refusals) this.#rest(resting, name, { error });
    return goesOn;
  }

  /**
   * Carries a cancel to every child that could still be asked to end. Its mark goes once there is none: one that refuses is asked
   * again later.
   *
   * @returns whether one of them has children itself.
   */
  async #cascade(parent: Operation, signal: AbortSignal): Promise<boolean> {
    const { clock, restingCascades } = this.#options;
    if (restingCascades.isResting(parent.name, clock.monotonic())) return false;
    const request = { reason: 'parent-cancelled', actor: parent.cancel?.actor ?? '' } as const;
    let goesOn = false;
    let refusedCount = 0;
    let first: Refusal | undefined;
    for await (const part of this.#childrenOf(parent, signal)) {
      const asked = await this.#change(part, (child, now) => requestCancel(child, now, request));
      goesOn ||= asked.goesOn;
      refusedCount += asked.refusals.length;
      first ??= asked.refusals[0];
    }
    if (signal.aborted) return false;
    if (first === undefined) await this.#endCascade(parent);
    else this.#rest(restingCascades, parent.name, { child: first.name, error: first.error, refusedCount });
    return goesOn;
  }

  async #endCascade({ name }: Operation): Promise<void> {
    const { restingCascades } = this.#options;
    const { refusals } = await this.#change([{ name }], endCascade);
    for (const { error } of refusals) this.#rest(restingCascades, name, { error });
  }

  /** The children that could be asked to end, as many at once as one write may change. */
  async *#childrenOf(parent: Operation, signal: AbortSignal): AsyncIterable<readonly OperationHead[]> {
    const { database, limits } = this.#options;
    const query = { parent, states: CANCELLABLE, limit: limits.childCountMax };
    let after: string | undefined = '';
    while (after !== undefined && !signal.aborted) {
      const children: readonly OperationHead[] = await database.index.children({ ...query, after });
      yield* partsOfBytes(children, limits.timerBytesMax);
      after = children.length < limits.childCountMax ? undefined : children.at(-1)?.name;
    }
  }

  async #change(operations: readonly Pick<Operation, 'name'>[], change: Change): Promise<Changed> {
    const { interrupter, resting, restingCascades } = this.#options;
    const names = operations.map(({ name }) => name);
    const refusals: Refusal[] = [];
    let goesOn = false;
    await changeEach(this.#options, names, change, {
      written: (operation, hasChanged) => {
        if (!hasChanged) return;
        resting.succeeded(operation.name);
        if (operation.cascading === undefined) restingCascades.succeeded(operation.name);
        else goesOn = true;
        if (operation.state === 'CANCELLING') interrupter.interrupt(operation);
      },
      refused: (name, error) => {
        // The record went meanwhile, and with it what was to be done.
        const isGone = error instanceof StatusError && error.info.reason === 'OPERATION_NOT_FOUND';
        if (!isGone) refusals.push({ name, error });
      },
    });
    return { goesOn, refusals };
  }

  /** One operation of which nothing can be done must not keep the others. */
  #rest(resting: RestingTimers, name: string, fields: Readonly<Record<string, unknown>>): void {
    const { clock, logger, limits } = this.#options;
    resting.failed(name, clock.monotonic(), limits.timerBackoff, limits.restingTimerCountMax);
    logger.error({ operation: name, ...fields }, 'what is due of it cannot be done; it is tried again');
  }
}

/** Why nothing could be written of one operation. */
interface Refusal {
  readonly name: string;
  readonly error: unknown;
}

interface Changed {
  /** Whether a cancel that this made is to be carried on. */
  readonly goesOn: boolean;
  readonly refusals: readonly Refusal[];
}
