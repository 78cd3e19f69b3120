import type { Any } from '../core/any.ts';
import { backoffDelayMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { ClientLimits } from './limits.ts';
import type { OperationControlClient } from './operation-control-client.ts';
import type { GrantedLease, OwnerReport, OwnerUpdate, WantedCancel } from './owner-messages.ts';

export interface LeaseKeeperOptions {
  readonly control: Pick<OperationControlClient, 'update'>;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly limits: Pick<ClientLimits, 'callTimeoutMs' | 'reconnectDelayMs' | 'reportEveryMs'>;
  readonly lease: GrantedLease;
  /** When the request was sent that granted the lease, of the clock's monotonic time. */
  readonly sentMs: number;
  /** A cancel is wanted; once. */
  readonly onCancel: (cancel: WantedCancel) => void;
  /** The lease is not ours any more, or may not be; once, and nothing is sent afterwards. */
  readonly onLost: (error: StatusError) => void;
  /** The server will never take what was reported. */
  readonly onRefused: (error: StatusError) => void;
}

/** A renewal comes so many times within a lease: two may be lost. */
const RENEWALS_PER_LEASE = 3;

/** The lease is somebody else's, or nobody's. */
const LOST_CODES: ReadonlySet<number> = new Set([Code.ABORTED, Code.NOT_FOUND, Code.FAILED_PRECONDITION]);

interface Saving {
  readonly checkpoint: Any;
  readonly saved: PromiseWithResolvers<undefined>;
}

/**
 * Keeps an owner's lease alive, and sends what it reports: one call at a time, so that a later report never loses to an earlier one.
 *
 * It holds the lease for as long as it is sure to: a lease that could not be renewed within its time is lost, whatever the server
 * thinks. What is reported is merged, the latest wins, and goes with the next call, at most one each `reportEveryMs`; a checkpoint and
 * an acknowledgement go at once.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #ended = new AbortController();
  #report: OwnerReport = {};
  #saving: readonly Saving[] = [];
  #acknowledges = false;
  #isCancelled = false;
  /** Whether the next call is due at once. */
  #isUrgent = false;
  #failureCount = 0;
  /** Monotonic times: the lease lasts until then; the next renewal is due; a call was sent last. */
  #heldUntilMs: number;
  #renewMs: number;
  #sentMs: number;
  #wake: () => void = () => undefined;

  constructor(options: LeaseKeeperOptions) {
    const { lease, sentMs } = options;
    this.#options = options;
    this.#sentMs = sentMs;
    this.#heldUntilMs = sentMs + lease.durationMs;
    this.#renewMs = sentMs + lease.durationMs / RENEWALS_PER_LEASE;
  }

  /** Resolves when `stop` was called, or the lease is lost. */
  async run(): Promise<void> {
    for (;;) {
      await this.#untilDue();
      if (this.#isOver) return;
      await this.#exchange();
    }
  }

  /** Never waits. */
  report(report: OwnerReport): void {
    this.#report = { ...this.#report, ...report };
    this.#wake();
  }

  /** Durable when it resolves. @throws StatusError ABORTED (STALE_FENCE) when the lease is lost, or as UpdateOperation. */
  save(checkpoint: Any): Promise<void> {
    if (this.#isOver) return Promise.reject(lostLease(this.#options.lease.name));
    const saved = Promise.withResolvers<undefined>();
    // Whoever does not wait for it does not end the process by it.
    saved.promise.catch(() => undefined);
    this.#saving = [...this.#saving, { checkpoint, saved }];
    this.renewNow();
    return saved.promise;
  }

  acknowledgeCancel(): void {
    this.#acknowledges = true;
    this.renewNow();
  }

  /** Asks the server at once whether all is as it was. */
  renewNow(): void {
    this.#isUrgent = true;
    this.#wake();
  }

  /** Sends nothing more; then `run` resolves. */
  stop(): void {
    this.#ended.abort();
    this.#wake();
  }

  /** What was reported and has not been sent, once `run` has resolved. */
  get unsent(): OwnerReport {
    return this.#report;
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
    const hasReport = Object.keys(this.#report).length > 0;
    return hasReport ? Math.min(this.#renewMs, this.#sentMs + this.#options.limits.reportEveryMs) : this.#renewMs;
  }

  async #exchange(): Promise<void> {
    const { control, clock, limits, lease } = this.#options;
    const sentMs = clock.monotonic();
    const leftMs = this.#heldUntilMs - sentMs;
    if (leftMs <= 0) {
      this.#lose(lostLease(lease.name));
      return;
    }
    const [report, saving, acknowledgeCancel] = [this.#report, this.#saving, this.#acknowledges];
    this.#take();
    const update = updateOf(report, saving, acknowledgeCancel);
    try {
      const options = { signal: this.#ended.signal, timeoutMs: Math.min(limits.callTimeoutMs, leftMs) };
      const { leaseDurationMs, cancel } = await control.update(lease, update, options);
      this.#sentMs = sentMs;
      this.#heldUntilMs = sentMs + leaseDurationMs;
      this.#renewMs = sentMs + leaseDurationMs / RENEWALS_PER_LEASE;
      this.#failureCount = 0;
      for (const { saved } of saving) saved.resolve(undefined);
      if (cancel !== undefined) this.#hearCancel(cancel);
    } catch (error) {
      this.#keep(report, saving, acknowledgeCancel);
      this.#fail(error);
    }
  }

  #take(): void {
    this.#report = {};
    this.#saving = [];
    this.#acknowledges = false;
    this.#isUrgent = false;
  }

  /** What was not taken goes with the next call, below what was reported meanwhile. */
  #keep(report: OwnerReport, saving: readonly Saving[], acknowledges: boolean): void {
    this.#report = { ...report, ...this.#report };
    this.#saving = [...saving, ...this.#saving];
    this.#acknowledges ||= acknowledges;
  }

  #hearCancel(cancel: WantedCancel): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#options.onCancel(cancel);
  }

  #fail(error: unknown): void {
    const { clock, limits, onRefused } = this.#options;
    if (this.#isOver) {
      this.#reject(lostLease(this.#options.lease.name));
      return;
    }
    if (!(error instanceof StatusError)) throw error;
    if (LOST_CODES.has(error.code)) {
      this.#lose(error);
      return;
    }
    this.#failureCount += 1;
    this.#renewMs = clock.monotonic() + backoffDelayMs(this.#failureCount, limits.reconnectDelayMs, () => 1);
    if (error.code !== Code.INVALID_ARGUMENT) return;
    this.#report = {};
    this.#reject(error);
    onRefused(error);
  }

  #lose(error: StatusError): void {
    this.#ended.abort();
    this.#reject(error);
    this.#options.onLost(error);
  }

  #reject(error: StatusError): void {
    for (const { saved } of this.#saving) saved.reject(error);
    this.#saving = [];
  }
}

/** Of several checkpoints the last one is what the next attempt starts from. */
function updateOf(report: OwnerReport, saving: readonly Saving[], acknowledgeCancel: boolean): OwnerUpdate {
  const checkpoint = saving.at(-1)?.checkpoint;
  return {
    ...report,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(acknowledgeCancel ? { acknowledgeCancel } : {}),
  };
}

function lostLease(name: string): StatusError {
  return new StatusError(Code.ABORTED, `the lease of ${name} could not be renewed in its time; stop the work`, {
    reason: 'LEASE_LOST',
    metadata: { operation: name },
  });
}
