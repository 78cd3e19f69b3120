import type { Any } from '../core/any.ts';
import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import type { Logger } from '../core/logger.ts';
import { StatusError } from '../core/status-error.ts';
import { isStaleFence, type Lease, type Report } from '../operations/lease.ts';
import type { Leases } from '../operations/leases.ts';
import type { ProgressReport } from '../operations/progress.ts';
import type { TaskJournal, TaskJournalEntry } from '../operations/task.ts';
import type { WorkerLimits } from './limits.ts';
import { ProgressWriter } from './progress-writer.ts';
import { retryStorage } from './storage-retry.ts';

export interface LeasedWritesOptions {
  readonly lease: Lease;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: WorkerLimits;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Aborts when the lease is lost: then nothing is written any more, and nothing waited for. */
  readonly lost: AbortSignal;
  /** The repository refused the fence. */
  readonly onStale: () => void;
}

/**
 * Every write of one attempt, under its lease.
 *
 * A storage that fails is tried again until the lease is lost, so that a restart of the database costs no attempt; all
 * writes are idempotent, so that one which went through unheard may be repeated. Checkpoints are written in the order they
 * were asked for.
 */
export class LeasedWrites {
  readonly #options: LeasedWritesOptions;
  readonly #progress: ProgressWriter;
  readonly #checkpointed = Promise.withResolvers<undefined>();
  #saving: Promise<unknown> = Promise.resolve();
  #ended = false;
  /** On the monotonic clock, milliseconds. */
  #faultToldTimeMs = Number.NEGATIVE_INFINITY;

  readonly journal: TaskJournal = {
    begin: (entry) => this.#begin(entry),
    commit: (ids, checkpoint, progress, standard) => this.#save(checkpoint, reportOf(progress, standard), ids),
    open: () => this.#open(),
  };

  constructor(options: LeasedWritesOptions) {
    this.#options = options;
    this.#progress = new ProgressWriter({
      clock: options.clock,
      intervalMs: options.limits.progressIntervalMs,
      write: (report) => this.#once(() => options.leases.recordProgress(options.lease, report)),
      onError: (error) => {
        options.logger.warn({ error, operation: options.lease.name }, 'progress was not written; it will be again');
      },
    });
    // The signal is this attempt's own and goes with it.
    options.lost.addEventListener('abort', () => this.#progress.close(), { once: true });
  }

  /** Resolves with the first checkpoint that is durable. */
  get checkpointed(): Promise<undefined> {
    return this.#checkpointed.promise;
  }

  reportProgress(metadata: Any, standard?: ProgressReport): void {
    const { lease, limits, logger } = this.#options;
    const sizeBytes = metadata.value.byteLength;
    if (sizeBytes <= limits.messageSizeMaxBytes) this.#progress.report(reportOf(metadata, standard));
    else logger.warn({ operation: lease.name, sizeBytes }, 'progress is too large and was dropped');
  }

  saveCheckpoint(checkpoint: Any, metadata?: Any, standard?: ProgressReport): Promise<void> {
    return this.#save(checkpoint, reportOf(metadata, standard), []);
  }

  /** The handler has ended: what it still asks for is refused. @returns the last report, which goes with the outcome. */
  end(): Report | undefined {
    this.#ended = true;
    return this.#progress.close();
  }

  /** @param passes  which errors are tried again; storage faults unless said otherwise. */
  async write<T>(call: () => Promise<T>, passes?: (error: unknown) => boolean): Promise<T> {
    const { clock, limits, lost, random } = this.#options;
    return this.#once(() =>
      retryStorage(call, {
        clock,
        random,
        signal: lost,
        backoff: limits.storageBackoff,
        ...(passes === undefined ? {} : { passes: (error) => !isGone(error) && passes(error) }),
        onFault: (error, failureCount) => {
          this.#tellFault(error, failureCount);
        },
      }),
    );
  }

  /** One write's fault speaks for those of all that wait with it. */
  #tellFault(error: unknown, failureCount: number): void {
    const { clock, lease, limits, logger } = this.#options;
    const nowMs = clock.monotonic();
    if (nowMs - this.#faultToldTimeMs < limits.faultLogIntervalMs) return;
    this.#faultToldTimeMs = nowMs;
    logger.warn({ error, failureCount, operation: lease.name }, 'the storage failed; the write is tried again');
  }

  async #once<T>(call: () => Promise<T>): Promise<T> {
    const { lease, lost, onStale } = this.#options;
    if (lost.aborted) throw leaseLost(lease);
    try {
      return await call();
    } catch (error) {
      if (!isGone(error)) throw error === lost.reason ? leaseLost(lease, error) : error;
      onStale();
      throw error;
    }
  }

  async #begin(entry: TaskJournalEntry): Promise<void> {
    const { lease, leases, limits } = this.#options;
    this.#admit('journal entry', entry.value, limits.journalEntrySizeMaxBytes);
    await this.write(() => leases.beginJournal(lease, entry));
  }

  async #open(): Promise<readonly TaskJournalEntry[]> {
    const { lease, leases } = this.#options;
    return this.write(() => leases.openJournal(lease.name));
  }

  async #save(checkpoint: Any, report: Report, journalIds: readonly string[]): Promise<void> {
    this.#admit('checkpoint', checkpoint.value, this.#options.limits.checkpointSizeMaxBytes);
    const saved = this.#saving.then(() => this.#saveNow(checkpoint, report, journalIds));
    this.#saving = saved.catch(() => undefined);
    await saved;
    this.#checkpointed.resolve(undefined);
  }

  async #saveNow(checkpoint: Any, report: Report, journalIds: readonly string[]): Promise<void> {
    const { lease, leases } = this.#options;
    const taken = this.#progress.take(report);
    try {
      await this.write(() => leases.recordCheckpoint(lease, { ...taken.report, checkpoint, journalIds }));
      taken.settle(true);
    } catch (error) {
      taken.settle(false);
      throw error;
    }
  }

  /** @throws StatusError for what may not be written: too large, or too late. */
  #admit(what: string, value: Uint8Array, sizeMaxBytes: number): void {
    const { lease } = this.#options;
    if (this.#ended) {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `${lease.name}: its attempt has ended; await every write before it does`,
        {
          reason: 'ATTEMPT_ENDED',
          metadata: { operation: lease.name },
        },
      );
    }
    if (value.byteLength <= sizeMaxBytes) return;
    throw new StatusError(
      Code.INVALID_ARGUMENT,
      `${lease.name}: a ${what} of ${value.byteLength} bytes is too large; at most ${sizeMaxBytes} fit`,
      { reason: 'TASK_WRITE_TOO_LARGE', metadata: { operation: lease.name, what, sizeMaxBytes: String(sizeMaxBytes) } },
    );
  }
}

function reportOf(metadata: Any | undefined, progress: ProgressReport | undefined): Report {
  return { ...(metadata === undefined ? {} : { metadata }), ...(progress === undefined ? {} : { progress }) };
}

/** Whether an error says that the lease is no longer the operation's, or that there is no operation any more. */
function isGone(error: unknown): boolean {
  return isStaleFence(error) || (error instanceof StatusError && error.info.reason === 'OPERATION_NOT_FOUND');
}

/** The refusal of a write that need not be tried: the same as the repository's own. */
function leaseLost(lease: Lease, cause?: unknown): StatusError {
  return new StatusError(
    Code.ABORTED,
    `${lease.name} is no longer held under fence ${String(lease.fence)}; stop the work`,
    {
      reason: 'STALE_FENCE',
      metadata: { operation: lease.name, fence: String(lease.fence) },
      cause,
    },
  );
}
