import type { Any } from '../core/any.ts';
import { backoffDelayMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { assertSendable } from './assert-sendable.ts';
import { fateOf } from './call-fate.ts';
import type { ClientLimits } from './limits.ts';
import type { OperationControlClient } from './operation-control-client.ts';
import type { GrantedLease, OwnerReport, UpdateAnswer, WantedCancel } from './owner-messages.ts';
import { isNothing, NOTHING_TAKEN, PendingUpdate, updateOf, type TakenUpdate } from './pending-update.ts';

type LeaseKeeperLimits = Pick<
  ClientLimits,
  'callTimeoutMs' | 'sendSizeMaxBytes' | 'reconnectMaxMs' | 'reconnectDelayMs' | 'reportEveryMs'
>;

export interface LeaseKeeperOptions {
  readonly control: Pick<OperationControlClient, 'update'>;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly limits: LeaseKeeperLimits;
  readonly lease: GrantedLease;
  /** When the request was sent that granted the lease, of the clock's monotonic time. */
  readonly sentMs: number;
  /** A cancel is wanted; once. */
  readonly onCancel: (cancel: WantedCancel) => void;
  /** The lease is not ours any more, or may not be; once, and nothing is sent afterwards. */
  readonly onLost: (error: StatusError) => void;
  /** The server will never take what was reported; it is dropped, and the lease kept. */
  readonly onRefused: (error: StatusError) => void;
}

/** A renewal comes so many times within a lease: two may be lost. */
const RENEWALS_PER_LEASE = 3;

/**
 * Keeps an owner's lease alive, and sends what it reports: one call at a time, so that a later report never loses to an earlier one.
 *
 * It holds the lease for as long as it is sure to: a lease that could not be renewed within its time is lost, whatever the server
 * thinks. What is reported is merged, the latest wins, and goes with the next call, at most one each `reportEveryMs`; a checkpoint and
 * an acknowledgement go at once. What a server that answers does not take keeps no renewal: the next call goes without it.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #ended = new AbortController();
  readonly #pending = new PendingUpdate();
  #isCancelled = false;
  /** Whether the next call is due at once. */
  #isUrgent = false;
  /** The work has ended: what it reported goes with its outcome. */
  #isFinishing = false;
  /** The next call carries nothing: the last one did, and failed. */
  #renewsFirst = false;
  #failureCount = 0;
  #carryFailureCount = 0;
  /** The call under way. */
  #calling: { readonly abort: AbortController; readonly carries: boolean; readonly ended: Promise<void> } | undefined;
  /** Monotonic times: the lease lasts until then; the next renewal is due; a call was sent last … */
  #heldUntilMs: number;
  #renewMs: number;
  #sentMs: number;
  /** … what was not taken may be sent again; since when the server has been at fault with it. */
  #carryMs = Number.NEGATIVE_INFINITY;
  #faultyMs: number | undefined;
  #wake: () => void = () => undefined;

  constructor(options: LeaseKeeperOptions) {
    const { lease, sentMs } = options;
    this.#options = options;
    this.#sentMs = sentMs;
    this.#heldUntilMs = sentMs + lease.durationMs;
    this.#renewMs = sentMs + lease.durationMs / RENEWALS_PER_LEASE;
  }

  /** Until when the lease is held for sure, of the clock's monotonic time. */
  get heldUntilMs(): number {
    return this.#heldUntilMs;
  }

  /** Resolves when `stop` was called, or the lease is lost. Never rejects. */
  async run(): Promise<void> {
    for (;;) {
      await this.#untilDue();
      if (this.#isOver) return;
      await this.#exchange();
    }
  }

  /** Never waits. @throws StatusError INVALID_ARGUMENT for what can never be sent; what was reported before stays. */
  report(report: OwnerReport): void {
    if (this.#isOver || this.#isFinishing) return;
    assertSendable('report', { ...this.#pending.report, ...report }, this.#options.limits.sendSizeMaxBytes);
    this.#pending.addReport(report);
    this.#wake();
  }

  /**
   * Durable when it resolves.
   *
   * @throws StatusError ABORTED (STALE_FENCE, LEASE_LOST, WORK_ENDED); INVALID_ARGUMENT for what can never be sent; as UpdateOperation.
   */
  save(checkpoint: Any, report: OwnerReport = {}): Promise<void> {
    const saved = this.#save(checkpoint, report);
    // Whoever does not wait for it does not end the process by it.
    saved.catch(() => undefined);
    return saved;
  }

  async #save(checkpoint: Any, report: OwnerReport): Promise<void> {
    const { lease, limits } = this.#options;
    if (this.#isOver) throw lostLease(lease.name);
    if (this.#isFinishing) throw workEnded(lease.name);
    this.report(report);
    assertSendable('checkpoint', { ...this.#pending.report, checkpoint }, limits.sendSizeMaxBytes);
    const saved = this.#pending.addCheckpoint(checkpoint);
    this.#wake();
    return saved;
  }

  acknowledgeCancel(): void {
    this.#pending.addAcknowledgement();
    this.#wake();
  }

  /** Asks the server at once whether all is as it was. */
  renewNow(): void {
    this.#isUrgent = true;
    this.#wake();
  }

  /** Sends nothing more of what was reported, and goes on to renew. Resolves with what was not sent, for the outcome to carry. */
  async finish(): Promise<OwnerReport> {
    this.#isFinishing = true;
    if (this.#calling?.carries === true) {
      this.#calling.abort.abort();
      await this.#calling.ended;
    }
    this.#pending.rejectCheckpoints(workEnded(this.#options.lease.name));
    return this.#pending.report;
  }

  /** Sends nothing more; then `run` resolves. */
  stop(): void {
    this.#ended.abort();
    this.#calling?.abort.abort();
    this.#wake();
  }

  get #isOver(): boolean {
    return this.#ended.signal.aborted;
  }

  async #untilDue(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      const leftMs = this.#dueMs() - clock.monotonic();
      if (leftMs <= 0 || this.#isOver) return;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(leftMs, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  /** After failures only time counts: whoever hurries would find the server away again. */
  #dueMs(): number {
    if (this.#failureCount > 0) return Math.min(this.#renewMs, this.#heldUntilMs);
    if (this.#isUrgent) return Number.NEGATIVE_INFINITY;
    return Math.min(this.#renewMs, this.#carryDueMs());
  }

  #carryDueMs(): number {
    const { urgency } = this.#pending;
    if (this.#isFinishing || urgency === 'none') return Number.POSITIVE_INFINITY;
    if (urgency === 'now') return this.#carryMs;
    return Math.max(this.#carryMs, this.#sentMs + this.#options.limits.reportEveryMs);
  }

  async #exchange(): Promise<void> {
    const { clock, lease } = this.#options;
    const sentMs = clock.monotonic();
    if (this.#heldUntilMs <= sentMs) {
      this.#lose(lostLease(lease.name));
      return;
    }
    const mayCarry = !this.#isFinishing && !this.#renewsFirst && sentMs >= this.#carryMs;
    const taken = mayCarry ? this.#pending.take() : NOTHING_TAKEN;
    this.#isUrgent = false;
    const abort = new AbortController();
    const ended = this.#call(taken, sentMs, abort.signal);
    this.#calling = { abort, carries: !isNothing(taken), ended };
    await ended;
    this.#calling = undefined;
  }

  async #call(taken: TakenUpdate, sentMs: number, signal: AbortSignal): Promise<void> {
    const { control, lease, limits } = this.#options;
    const carries = !isNothing(taken);
    const leftMs = this.#heldUntilMs - sentMs;
    // One that carries something leaves time for a renewal without it.
    const timeoutMs = Math.min(limits.callTimeoutMs, carries ? leftMs / 2 : leftMs);
    try {
      const answer = await control.update(lease, updateOf(taken), { signal, timeoutMs });
      for (const { saved } of taken.saving) saved.resolve(undefined);
      this.#renewed(answer, sentMs, carries);
    } catch (error) {
      this.#pending.putBack(taken);
      if (this.#isOver) this.#pending.rejectCheckpoints(lostLease(lease.name));
      else if (!signal.aborted) this.#fail(error, carries);
    }
  }

  #renewed({ leaseDurationMs, cancel }: UpdateAnswer, sentMs: number, carried: boolean): void {
    this.#sentMs = sentMs;
    this.#heldUntilMs = sentMs + leaseDurationMs;
    this.#renewMs = sentMs + leaseDurationMs / RENEWALS_PER_LEASE;
    this.#failureCount = 0;
    this.#renewsFirst = false;
    if (carried) this.#resetCarrying();
    if (cancel === undefined || this.#isCancelled) return;
    this.#isCancelled = true;
    this.#options.onCancel(cancel);
  }

  #fail(error: unknown, carried: boolean): void {
    const fate = fateOf(error);
    if (fate === 'lost') {
      this.#lose(asStatusError(error));
      return;
    }
    this.#failureCount += 1;
    this.#renewMs = this.#retryMs(this.#failureCount);
    const isAway = error instanceof StatusError && error.code === Code.UNAVAILABLE;
    if (!carried || isAway) return;
    if (fate === 'refused' || (fate === 'doubtful' && this.#isFaultLasting())) this.#refuse(asStatusError(error));
    else {
      this.#carryFailureCount += 1;
      this.#carryMs = this.#retryMs(this.#carryFailureCount);
      this.#renewsFirst = true;
    }
  }

  #isFaultLasting(): boolean {
    const { clock, limits } = this.#options;
    this.#faultyMs ??= clock.monotonic();
    return clock.monotonic() - this.#faultyMs >= limits.reconnectMaxMs;
  }

  #retryMs(failureCount: number): number {
    const { clock, limits } = this.#options;
    return clock.monotonic() + backoffDelayMs(failureCount, limits.reconnectDelayMs, () => 1);
  }

  #resetCarrying(): void {
    this.#carryFailureCount = 0;
    this.#carryMs = Number.NEGATIVE_INFINITY;
    this.#faultyMs = undefined;
  }

  #refuse(error: StatusError): void {
    this.#resetCarrying();
    this.#pending.drop(error);
    this.#options.onRefused(error);
  }

  #lose(error: StatusError): void {
    this.#ended.abort();
    this.#pending.rejectCheckpoints(error);
    this.#options.onLost(error);
  }
}

/** What is no StatusError is a fault of the client itself. */
function asStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  return new StatusError(Code.INTERNAL, `the client failed: ${String(error)}`, {
    reason: 'CLIENT_FAILED',
    cause: error,
  });
}

function lostLease(name: string): StatusError {
  return new StatusError(Code.ABORTED, `the lease of ${name} could not be renewed in its time; stop the work`, {
    reason: 'LEASE_LOST',
    metadata: { operation: name },
  });
}

function workEnded(name: string): StatusError {
  return new StatusError(Code.ABORTED, `the work on ${name} has ended; await what it is to save before that`, {
    reason: 'WORK_ENDED',
    metadata: { operation: name },
  });
}
