import type { Any } from '../core/any.ts';
import { Interrupted } from '../core/cancellation.ts';
import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import type { StatusError } from '../core/status-error.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { listenForChanges } from './listen-for-changes.ts';
import type { LongrunningClient } from './longrunning-client.ts';
import type { OperationMessage } from './messages.ts';
import { decideOwnedOutcome, thrownOf, type SettledWork } from './owned-outcome.ts';
import type { GrantedLease, OwnerReport, WantedCancel } from './owner-messages.ts';
import { tellOutcome, type Told, type ToldOutcome } from './tell-outcome.ts';

/** One attempt at an operation that this process owns, for the function that does the work. */
export interface OwnedWork {
  readonly name: string;
  /** Grows with each grant of the operation: what is written elsewhere may carry it. */
  readonly fence: bigint;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** What is to be done, as the operation was created with it. */
  readonly request: Any;
  /** What the attempt before saved last. */
  readonly checkpoint?: Any;
  /**
   * Stop now, and reject with its reason. That is an Interrupted: of kind `lease-lost` when somebody else may own the operation now,
   * `shutdown` when this owner drains, a cancel's reason otherwise; or the StatusError of a report that the server refuses. Silent once
   * the handler has settled.
   */
  readonly signal: AbortSignal;
  /**
   * What clients see. The latest wins; sent at most once a second, and with the outcome. Never waits.
   *
   * @throws StatusError INVALID_ARGUMENT for what is no message, or is larger than any server takes: then it is not sent.
   */
  report(report: OwnerReport): void;
  /** Durable when it resolves: what the next attempt starts from, should this one die. Rejects for what `report` throws for. */
  saveCheckpoint(checkpoint: Any, report?: OwnerReport): Promise<void>;
  /** Says that the cancel was seen and the clean-up has begun. Optional. */
  acknowledgeCancel(): void;
}

/** Does the work. It has stopped when it settles. */
export type OwnedHandler = (work: OwnedWork) => Promise<{ readonly response: Any }>;

/**
 * How owned work has ended:
 *
 * `succeeded`, `failed` and `cancelled`, as the operation has; `requeued`, to be acquired again; `lost`: somebody else may own it, or
 * the server could not be told.
 */
export interface OwnedEnd {
  readonly name: string;
  readonly kind: 'succeeded' | 'failed' | 'cancelled' | 'requeued' | 'lost';
  /** As the server answered; absent when it is lost. */
  readonly operation?: OperationMessage;
  /** What the handler threw that was no abort, or what the server refused of the outcome: for a log. */
  readonly error?: unknown;
  /** Why it is lost: how the lease was, or why the server could not be told. */
  readonly loss?: unknown;
}

/** What an attempt is made of. */
export interface OwnedGrant {
  readonly lease: GrantedLease;
  /** When the request was sent that granted it, of the clock's monotonic time. */
  readonly sentMs: number;
  readonly attempt: number;
  readonly request: Any;
  readonly checkpoint?: Any;
}

export interface OwnedWorkParts {
  readonly client: Pick<LongrunningClient, 'control' | 'limits'>;
  readonly clock: Clock;
}

/** One attempt: the handler, and beside it the lease that is kept and the cancel that is listened for. */
export class OwnedAttempt {
  readonly #grant: OwnedGrant;
  readonly #parts: OwnedWorkParts;
  readonly #abort = new AbortController();
  readonly #keeper: LeaseKeeper;
  #isCancelled = false;
  #hasSettled = false;
  #lost: StatusError | undefined;

  constructor(grant: OwnedGrant, parts: OwnedWorkParts) {
    this.#grant = grant;
    this.#parts = parts;
    const { client, clock } = parts;
    this.#keeper = new LeaseKeeper({
      ...{ control: client.control, limits: client.limits, clock },
      ...{ lease: grant.lease, sentMs: grant.sentMs },
      onCancel: (cancel) => {
        this.#cancel(cancel);
      },
      onLost: (error) => {
        this.#lost ??= error;
        this.#stop(new Interrupted('lease-lost', 0));
      },
      onRefused: (error) => {
        this.#stop(error);
      },
    });
  }

  get name(): string {
    return this.#grant.lease.name;
  }

  /** Asks the work to stop, so that another owner may go on with it. */
  drain(graceMs: number): void {
    this.#stop(new Interrupted('shutdown', graceMs));
  }

  /** Never rejects. Until the server has taken the outcome the lease is renewed. */
  async run(handler: OwnedHandler): Promise<OwnedEnd> {
    const listening = new AbortController();
    const keeping = this.#keeper.run();
    const following = this.#listen(listening.signal);
    const settled = await this.#work(handler);
    listening.abort();
    const end = await this.#end(settled);
    this.#keeper.stop();
    await Promise.all([keeping, following]);
    return end;
  }

  async #end(settled: SettledWork): Promise<OwnedEnd> {
    const { name } = this;
    const lost = this.#lost;
    const outcome = decideOwnedOutcome(settled, {
      ...{ name, signal: this.#abort.signal, isCancelled: this.#isCancelled },
      ...(lost === undefined ? {} : { lost }),
    });
    const thrown = thrownOf(settled, this.#abort.signal);
    if (outcome.report === 'nothing') return { name, kind: 'lost', ...thrown, loss: lost };
    try {
      const { operation, ...refused } = await this.#tell(outcome, await this.#keeper.finish());
      return { name, kind: kindOf(operation), operation, ...refused, ...thrown };
    } catch (loss) {
      return { name, kind: 'lost', ...thrown, loss };
    }
  }

  /** As long as the lease is held, and a while longer: a server that was away may know it still, and the fence guards it. */
  #tell(outcome: ToldOutcome, report: OwnerReport): Promise<Told> {
    const { client, clock } = this.#parts;
    const { control, limits } = client;
    const endMs = clock.monotonic() + limits.reconnectMaxMs;
    return tellOutcome(outcome, report, {
      ...{ control, limits, clock, lease: this.#grant.lease },
      // The server bounds it: at the operation's deadline, or a cancel's grace, it takes the lease away.
      signal: new AbortController().signal,
      untilMs: () => Math.max(endMs, this.#keeper.heldUntilMs),
    });
  }

  async #work(handler: OwnedHandler): Promise<SettledWork> {
    try {
      const { response } = await handler(this.#asWork());
      return { response };
    } catch (rejected) {
      return { rejected };
    } finally {
      this.#hasSettled = true;
    }
  }

  #asWork(): OwnedWork {
    const { lease, attempt, request, checkpoint } = this.#grant;
    return {
      ...{ name: lease.name, fence: lease.fence, attempt, request, signal: this.#abort.signal },
      ...(checkpoint === undefined ? {} : { checkpoint }),
      report: (report) => {
        this.#keeper.report(report);
      },
      saveCheckpoint: (next, report = {}) => this.#keeper.save(next, report),
      acknowledgeCancel: () => {
        this.#keeper.acknowledgeCancel();
      },
    };
  }

  /** Not once the handler has settled: what its caller has made of the signal since is no longer the work. */
  #stop(reason: Interrupted | StatusError): void {
    if (!this.#hasSettled) this.#abort.abort(reason);
  }

  #cancel({ reason, graceLeftMs, actor }: WantedCancel): void {
    this.#isCancelled = true;
    const by = actor === '' ? '' : ` by ${actor}`;
    this.#stop(new Interrupted(reason, graceLeftMs, `${this.name} is cancelled${by}: ${reason}`));
  }

  /** Hears of a cancel as it is asked for. Where the server cannot tell, the next renewal does. */
  #listen(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#parts;
    const onChange = (): void => {
      this.#keeper.renewNow();
    };
    return listenForChanges(this.name, { control: client.control, limits: client.limits, clock, signal, onChange });
  }
}

function kindOf({ done, error }: OperationMessage): OwnedEnd['kind'] {
  if (done !== true) return 'requeued';
  if (error === undefined) return 'succeeded';
  return error.code === Code.CANCELLED ? 'cancelled' : 'failed';
}
