import type { Any } from '../core/any.ts';
import type { StatusError } from '../core/status-error.ts';
import type { OwnerReport, OwnerUpdate } from './owner-messages.ts';

interface Saving {
  readonly checkpoint: Any;
  readonly saved: PromiseWithResolvers<undefined>;
}

/** What one call carries, and who waits for it. */
export interface TakenUpdate {
  readonly report: OwnerReport;
  readonly saving: readonly Saving[];
  readonly acknowledges: boolean;
}

export const NOTHING_TAKEN: TakenUpdate = { report: {}, saving: [], acknowledges: false };

/** What an owner has reported and the server has not been told: merged, the latest wins. Its bound is what one call can carry. */
export class PendingUpdate {
  #report: OwnerReport = {};
  #saving: readonly Saving[] = [];
  #acknowledges = false;

  get report(): OwnerReport {
    return this.#report;
  }

  /** A report may wait for others; a checkpoint and an acknowledgement may not. */
  get urgency(): 'none' | 'later' | 'now' {
    if (this.#saving.length > 0 || this.#acknowledges) return 'now';
    return Object.keys(this.#report).length > 0 ? 'later' : 'none';
  }

  addReport(report: OwnerReport): void {
    this.#report = { ...this.#report, ...report };
  }

  /** Resolves once the call that carries it is answered. */
  addCheckpoint(checkpoint: Any): Promise<void> {
    const saved = Promise.withResolvers<undefined>();
    this.#saving = [...this.#saving, { checkpoint, saved }];
    return saved.promise;
  }

  addAcknowledgement(): void {
    this.#acknowledges = true;
  }

  take(): TakenUpdate {
    const taken = { report: this.#report, saving: this.#saving, acknowledges: this.#acknowledges };
    this.#report = {};
    this.#saving = [];
    this.#acknowledges = false;
    return taken;
  }

  /** What was not taken goes with a later call, below what was reported meanwhile. */
  putBack({ report, saving, acknowledges }: TakenUpdate): void {
    this.#report = { ...report, ...this.#report };
    this.#saving = [...saving, ...this.#saving];
    this.#acknowledges ||= acknowledges;
  }

  /** Nobody will be told of the checkpoints; a report stays. */
  rejectCheckpoints(error: StatusError): void {
    for (const { saved } of this.#saving) saved.reject(error);
    this.#saving = [];
  }

  /** What the server refuses is not sent again. */
  drop(error: StatusError): void {
    this.#report = {};
    this.rejectCheckpoints(error);
  }
}

export function isNothing(taken: TakenUpdate): boolean {
  return Object.keys(updateOf(taken)).length === 0;
}

/** Of several checkpoints the last one is what the next attempt starts from. */
export function updateOf({ report, saving, acknowledges }: TakenUpdate): OwnerUpdate {
  const checkpoint = saving.at(-1)?.checkpoint;
  return {
    ...report,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(acknowledges ? { acknowledgeCancel: true } : {}),
  };
}
