import { randomUUID } from 'node:crypto';
import { EMPTY } from '../core/any.ts';
import { settlesWithin, unlessAborted } from '../core/bounded-wait.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { untilAborted } from '../core/until-aborted.ts';
import type { OperationDescriptionMessage } from './control-messages.ts';
import { fateOf } from './call-fate.ts';
import { followWatch } from './follow-watch.ts';
import type { LongrunningClient } from './longrunning-client.ts';
import type { OperationMessage } from './messages.ts';
import { OwnedAttempt, type OwnedEnd, type OwnedGrant, type OwnedHandler } from './owned-work.ts';
import type { CreateOperationRequest, HoldTerms } from './owner-messages.ts';
import { persisting, type PersistOptions } from './persisting.ts';
import { reaching } from './reaching.ts';
import type { CallOptions } from './rpc-channel.ts';
import { timeOf } from './times.ts';

/** An operation to be made and carried out by this process. */
export type NewOwnedOperation = Omit<CreateOperationRequest, 'hold' | 'delayMs'> & {
  readonly hold?: Omit<HoldTerms, 'holder'>;
};

export interface OwnedOperation {
  /** To be answered with. */
  readonly operation: OperationMessage;
  /** Resolves when the work has ended, and never rejects. Undefined when another call with the same request id owns it. */
  readonly ended?: Promise<OwnedEnd>;
}

export interface OwnerTrouble {
  readonly name?: string;
  readonly error: unknown;
}

export interface OperationOwnerOptions {
  /** Told of each end: what the server has of it already, and what only a log should have. */
  readonly onEnd?: (end: OwnedEnd) => void;
  /**
   * Told what keeps `takeOver` from its work, for a log: an operation that cannot be acquired and is passed by, or, without a name, a
   * search that is begun anew.
   */
  readonly onTrouble?: (trouble: OwnerTrouble) => void;
  readonly clock?: Clock;
}

/** Which operations that have lost their owner are to be acquired. */
export interface TakeOverOptions {
  readonly kind: string;
  /** The collection; `operations` unless given. */
  readonly parent?: string;
  /** How many of them are carried out at once, from 1. */
  readonly slotCount: number;
  /** Ends the search; what was acquired goes on. */
  readonly signal: AbortSignal;
}

/**
 * The owner of slow work, in a service of its own: it holds operations of a sidecar, and carries them out in this process.
 *
 * For each it renews the lease, sends what the work reports, aborts the work's signal within milliseconds of a cancel, and at once when
 * the lease is lost, and tells the server how it has ended, under its fence. `drain` ends it.
 */
export class OperationOwner {
  readonly #client: LongrunningClient;
  readonly #options: OperationOwnerOptions;
  readonly #clock: Clock;
  readonly #running = new Map<OwnedAttempt, Promise<OwnedEnd>>();
  /** By it the server knows a create that is repeated from one of another process. */
  readonly #holder = randomUUID();
  #isDraining = false;

  constructor(client: LongrunningClient, options: OperationOwnerOptions = {}) {
    this.#client = client;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Makes an operation and begins to carry it out; durable when it resolves, and repeated while the server is away.
   *
   * With a request id that was used before, the work is that first call's: nothing is begun here, unless that call was this owner's and
   * its answer was lost. Should the first owner be gone, `takeOver` finds the operation.
   * @throws StatusError as CreateOperation; RESOURCE_EXHAUSTED (TOO_MANY_OWNED); UNAVAILABLE (OWNER_DRAINING); the signal's reason.
   */
  async own(operation: NewOwnedOperation, handler: OwnedHandler, options: CallOptions = {}): Promise<OwnedOperation> {
    this.#assertRoom();
    const { requestId = randomUUID(), hold = {} } = operation;
    const request = { ...operation, requestId, hold: { ...hold, holder: this.#holder } };
    let sentMs = this.#clock.monotonic();
    const made = await this.#reaching(options, () => {
      sentMs = this.#clock.monotonic();
      return this.#client.control.create(request, options);
    });
    if (made.lease === undefined || this.#carriesOut(made.lease.name)) return { operation: made.operation };
    const grant = { lease: made.lease, sentMs, attempt: 1, request: operation.request ?? EMPTY };
    return { operation: made.operation, ended: this.#begin(grant, handler) };
  }

  /**
   * Takes an operation that has lost its owner, and begins to carry it out.
   *
   * @throws StatusError as AcquireOperation; RESOURCE_EXHAUSTED (TOO_MANY_OWNED); UNAVAILABLE (OWNER_DRAINING); the signal's reason.
   */
  async acquire(name: string, handler: OwnedHandler, options: CallOptions = {}): Promise<Required<OwnedOperation>> {
    this.#assertRoom();
    const sentMs = this.#clock.monotonic();
    const { operation, ...rest } = await this.#client.control.acquire(name, options);
    return { operation, ended: this.#begin({ ...rest, sentMs }, handler) };
  }

  /**
   * Acquires every operation of a kind that has lost its owner, now and later, until the signal aborts: so a service that was killed
   * goes on where it was, in its next process or in another one.
   *
   * A server that is away, or has no room, is asked again for as long as it takes.
   * @throws StatusError of WatchOperations that no repetition mends, such as INVALID_ARGUMENT; never the signal's reason.
   */
  async takeOver(options: TakeOverOptions, handler: OwnedHandler): Promise<void> {
    const { signal } = options;
    const { limits } = this.#client;
    const forever = { limits, clock: this.#clock, signal, untilMs: () => Number.POSITIVE_INFINITY };
    const taking = new Set<Promise<void>>();
    try {
      await persisting(forever, async () => {
        await this.#search(options, handler, taking).catch((error: unknown) => {
          if (!signal.aborted) tellListener(this.#options.onTrouble, { error });
          throw error;
        });
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /**
   * Asks all work to stop, and waits until it has: each operation is queued again, for the next owner, unless it ended meanwhile. That
   * counts as one of its failures, of which each operation may have `attemptCountMax`.
   *
   * @param timeoutMs  how long the work has, milliseconds.
   * @returns operations whose work did not stop: their leases run out by themselves once this process ends.
   */
  async drain(timeoutMs: number): Promise<readonly string[]> {
    this.#isDraining = true;
    for (const attempt of this.#running.keys()) attempt.drain(timeoutMs);
    await settlesWithin(this.#allEnded(), timeoutMs, this.#clock);
    return [...this.#running.keys()].map(({ name }) => name);
  }

  #begin(grant: OwnedGrant, handler: OwnedHandler): Promise<OwnedEnd> {
    const attempt = new OwnedAttempt(grant, { client: this.#client, clock: this.#clock });
    const ended = attempt.run(handler).then((end) => {
      this.#running.delete(attempt);
      tellListener(this.#options.onEnd, end);
      return end;
    });
    this.#running.set(attempt, ended);
    // The drain came while the server was asked.
    if (this.#isDraining) attempt.drain(0);
    return ended;
  }

  #carriesOut(name: string): boolean {
    return [...this.#running.keys()].some((attempt) => attempt.name === name);
  }

  async #allEnded(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  async #search(
    { kind, parent = 'operations', slotCount, signal }: TakeOverOptions,
    handler: OwnedHandler,
    taking: Set<Promise<void>>,
  ): Promise<void> {
    const { control, limits } = this.#client;
    const request = { parent, filter: `kind = ${JSON.stringify(kind)} AND state = QUEUED` };
    for await (const { changed } of followWatch(request, { control, limits, clock: this.#clock, signal })) {
      const name = changed?.operation?.name;
      if (name === undefined || changed?.ownerHeld !== true) continue;
      const taken: Promise<void> = this.#take(name, handler, signal).finally(() => taking.delete(taken));
      taking.add(taken);
      if (taking.size >= slotCount) await untilAborted(Promise.race(taking), signal);
    }
  }

  /** One that somebody else takes is left to them; one that cannot be acquired keeps nobody from the others. Never rejects. */
  async #take(name: string, handler: OwnedHandler, signal: AbortSignal): Promise<void> {
    const isOver = (): boolean => signal.aborted || this.#isDraining;
    const untilMs = (): number => (isOver() ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
    const forever = { limits: this.#client.limits, clock: this.#clock, signal, untilMs };
    try {
      await this.#untilDue(name, forever);
      const { ended } = await persisting(forever, async () => {
        await this.#untilRoom(signal);
        // Repeated after an answer that was lost it is refused; the lease that nobody holds runs out, and that is told.
        return this.acquire(name, handler, { signal });
      });
      await ended;
    } catch (error) {
      if (!isOver() && fateOf(error) !== 'lost') tellListener(this.#options.onTrouble, { name, error });
    }
  }

  async #untilRoom(signal: AbortSignal): Promise<void> {
    const { ownedCountMax } = this.#client.limits;
    while (this.#running.size >= ownedCountMax && !signal.aborted) {
      await unlessAborted<unknown>(Promise.race(this.#running.values()), signal, undefined);
    }
    signal.throwIfAborted();
  }

  /** An operation that has failed is not tried again before its backoff is over. */
  async #untilDue(name: string, options: PersistOptions): Promise<void> {
    const { signal } = options;
    const description = await persisting(options, () => this.#client.control.describe(name, { signal }));
    const waitMs = dueTimeOf(description) - this.#clock.now();
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }

  #reaching<T>({ signal = new AbortController().signal }: CallOptions, call: () => Promise<T>): Promise<T> {
    return reaching({ limits: this.#client.limits, clock: this.#clock, signal }, call);
  }

  #assertRoom(): void {
    if (this.#isDraining) {
      throw new StatusError(Code.UNAVAILABLE, 'this owner drains and begins nothing more', {
        reason: 'OWNER_DRAINING',
      });
    }
    const { ownedCountMax } = this.#client.limits;
    if (this.#running.size < ownedCountMax) return;
    throw new StatusError(
      Code.RESOURCE_EXHAUSTED,
      `this owner carries out ${ownedCountMax} operations already; try again later, or raise ownedCountMax`,
      { reason: 'TOO_MANY_OWNED', metadata: { ownedCountMax: String(ownedCountMax) } },
    );
  }
}

/** What a listener throws is its own, as of an event's: neither `ended` nor a search is to reject with it. */
function tellListener<T>(listener: ((told: T) => void) | undefined, told: T): void {
  queueMicrotask(() => listener?.(told));
}

function dueTimeOf({ dueEvents = [] }: OperationDescriptionMessage): number {
  return timeOf(dueEvents.find(({ kind }) => kind === 'KIND_DUE')?.time) ?? 0;
}
