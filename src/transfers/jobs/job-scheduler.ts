import { backoffDelayMs, type BackoffPolicy } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import type { LogFields, Logger } from '../../core/logger.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { Resource, ResourceRepository } from '../../operations/resource.ts';
import type { JobRecords } from './job-records.ts';
import { dueRuns, type CatchUpLimits, type DueRuns } from './job-schedule.ts';
import type { JobStarter } from './job-starter.ts';
import { TRANSFER_JOB_KIND, type TransferJob } from './transfer-job.ts';

export interface JobSchedulerLimits extends CatchUpLimits {
  /** How often due jobs are looked for: so late a run may be. Milliseconds. */
  readonly scheduleIntervalMs: number;
  /** Jobs started at once. */
  readonly dueCountMax: number;
  /** After how long a job whose record is damaged is looked at again, milliseconds. */
  readonly damagedJobRetryMs: number;
  /** Between rounds that fail. */
  readonly scheduleBackoff: BackoffPolicy;
}

export interface JobSchedulerOptions {
  readonly resources: ResourceRepository;
  readonly records: JobRecords;
  readonly starter: JobStarter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly limits: JobSchedulerLimits;
}

/** Another writer of the job came first, or made the same name: what is still due then the next round finds. */
const CONFLICTS: ReadonlySet<string> = new Set(['RESOURCE_CHANGED', 'OPERATION_EXISTS']);

/** What is wrong with one job and would be at the next try; all else the next job would meet too. */
const REFUSALS: ReadonlySet<Code> = new Set([
  Code.INVALID_ARGUMENT,
  Code.NOT_FOUND,
  Code.PERMISSION_DENIED,
  Code.FAILED_PRECONDITION,
  Code.OUT_OF_RANGE,
  Code.UNIMPLEMENTED,
]);

/**
 * Starts the runs that jobs' schedules ask for.
 *
 * Every run is dealt with once, however many replicas look at once and wherever one is killed: the operation and the job's record,
 * which says what was dealt with, are written in one transaction that holds only if nobody else wrote the job. Runs that came due
 * while nobody looked are one. A run that finds an operation of its job under way is skipped.
 *
 * What a job may touch is not checked here: an operation that may not is FAILED by its worker and so tells its owner.
 */
export class JobScheduler {
  readonly #options: JobSchedulerOptions;

  constructor(options: JobSchedulerOptions) {
    this.#options = options;
  }

  /** Looks now and then until the signal aborts. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, limits, logger, random } = this.#options;
    let failureCount = 0;
    while (!signal.aborted) {
      let delayMs = limits.scheduleIntervalMs;
      try {
        await this.round(signal);
        failureCount = 0;
      } catch (error) {
        failureCount += 1;
        delayMs = backoffDelayMs(failureCount, limits.scheduleBackoff, random);
        logger.warn({ error, failureCount }, 'scheduled jobs were not started; it is tried again');
      }
      await clock.sleep(delayMs, signal).catch(() => undefined);
    }
  }

  /** Deals with all that is due. @throws StatusError when the storage fails. */
  async round(signal: AbortSignal): Promise<void> {
    const { resources, clock, limits } = this.#options;
    while (!signal.aborted) {
      const due = await resources.due(TRANSFER_JOB_KIND, clock.now(), limits.dueCountMax);
      const outcomes = await Promise.allSettled(due.map((resource) => this.#dealWith(resource)));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
      // Where others come first each time they do the work.
      const isWritten = outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value);
      if (due.length < limits.dueCountMax || !isWritten) return;
    }
  }

  /** @returns whether the job's record was changed. */
  async #dealWith(resource: Resource): Promise<boolean> {
    try {
      const job = this.#decode(resource);
      if (job === undefined) await this.#postpone(resource);
      else await this.#startDue(job, resource.revision);
      return true;
    } catch (error) {
      if (!(error instanceof StatusError) || !CONFLICTS.has(error.info.reason)) throw error;
      return false;
    }
  }

  async #startDue(job: TransferJob, revision: number): Promise<void> {
    const { records, clock, limits, logger } = this.#options;
    const due = dueRuns(job, clock.now(), limits);
    if (due === undefined) {
      // The clock has gone back since the record was found.
      await records.write(job, revision);
      return;
    }
    const dealtWith = { ...job, runTimeMs: due.runMs };
    if (due.late) {
      await records.write(dealtWith, revision);
      logger.warn(fieldsOf(job, due), 'scheduled runs were missed for too long; none is started for them');
      return;
    }
    await this.#start(dealtWith, revision, due);
  }

  async #start(job: TransferJob, revision: number, due: DueRuns): Promise<void> {
    const { records, starter, logger } = this.#options;
    try {
      const { name } = await starter.start(job, revision);
      const fields = { ...fieldsOf(job, due), operation: name };
      if (due.count > 1) logger.warn(fields, 'scheduled runs were missed; one operation is started for all of them');
      else logger.info(fields, 'a scheduled run was started');
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const { reason, metadata } = error.info;
      const isBusy = reason === 'EXCLUSIVE_KEY_HELD';
      const isRefused = REFUSALS.has(error.code) || reason === 'OPERATION_TOO_LARGE';
      if (!isBusy && !isRefused) throw error;
      await records.write(job, revision);
      const fields = fieldsOf(job, due);
      if (!isBusy) logger.error({ ...fields, error }, 'a scheduled run cannot be started; it is skipped');
      else {
        const active = metadata?.['holder'];
        logger.warn({ ...fields, active }, 'a scheduled run is skipped, as an operation of the job is not done');
      }
    }
  }

  /** Undefined when the record is damaged, which must not keep the other jobs from running. */
  #decode(resource: Resource): TransferJob | undefined {
    try {
      return this.#options.records.decode(resource);
    } catch (error) {
      this.#options.logger.error({ transferJob: resource.name, error }, 'a scheduled run cannot be started');
      return undefined;
    }
  }

  async #postpone({ kind, name, revision, ...rest }: Resource): Promise<void> {
    const { resources, clock, limits } = this.#options;
    const next = { ...rest, dueTimeMs: clock.now() + limits.damagedJobRetryMs };
    await resources.write([{ kind, name, revision, next }]);
  }
}

function fieldsOf({ name, projectId }: TransferJob, { runMs, count }: DueRuns): LogFields {
  return { transferJob: name, projectId, runTime: new Date(runMs).toISOString(), runCount: count };
}
