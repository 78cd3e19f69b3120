import type { Logger, LogFields } from '../core/logger.ts';
import type { CancelLegs, Lease } from '../operations/lease.ts';
import type { Leases, Outcome } from '../operations/leases.ts';
import { waitsAfter, type Operation } from '../operations/operation.ts';
import type { LeasedWrites } from './leased-writes.ts';
import type { WorkerLimits } from './limits.ts';
import { internal, type Decision } from './outcome.ts';
import { isStorageFault } from './storage-retry.ts';

export interface OutcomeReportOptions {
  readonly lease: Lease;
  readonly leases: Leases;
  readonly writes: LeasedWrites;
  readonly limits: Pick<WorkerLimits, 'refusalCountMax'>;
  readonly logger: Logger;
  /** Whose outcome it is. */
  readonly fields: LogFields;
  /** Whether the lease is still the attempt's. */
  readonly holds: () => boolean;
}

/**
 * Tells the log, then the repository under the fence, what was decided of an attempt.
 *
 * @param outcome  what the attempt has not written yet: the last report, and the legs of a cancel.
 * @throws what keeps even a failure from being stored.
 */
export async function reportOutcome(
  decision: Decision,
  outcome: Outcome & CancelLegs,
  options: OutcomeReportOptions,
): Promise<void> {
  logDecision(decision, options);
  if (decision.report === 'nothing') return;
  try {
    logWait(await options.writes.write(() => apply(decision, outcome, options)), options);
  } catch (error) {
    await failInstead(error, options);
  }
}

function apply(
  decision: Exclude<Decision, { report: 'nothing' }>,
  outcome: Outcome & CancelLegs,
  { leases, lease }: OutcomeReportOptions,
): Promise<Operation> {
  switch (decision.report) {
    case 'complete':
      return leases.complete(lease, decision.response, outcome);
    case 'stop':
      return leases.stop(lease, outcome);
    case 'fail':
      return leases.fail(lease, decision.status, { ...outcome, retryable: decision.retryable });
  }
}

/** The outcome itself cannot be stored; left as it is, the operation would be tried again, to be refused again. */
async function failInstead(error: unknown, options: OutcomeReportOptions): Promise<void> {
  const { holds, logger, fields, lease, leases, limits, writes } = options;
  if (!holds()) return;
  logger.error({ ...fields, error }, 'the outcome was refused; the operation fails instead');
  const status = internal(lease.name);
  let refusalCount = 0;
  const passes = (refusal: unknown): boolean => isStorageFault(refusal) || ++refusalCount < limits.refusalCountMax;
  await writes.write(() => leases.fail(lease, status, { retryable: false }), passes);
}

/** With the failure before it, that is all there is to say of why nothing happens meanwhile. */
function logWait(operation: Operation, { logger, fields }: OutcomeReportOptions): void {
  const { failureCount, attemptCountMax, dueTimeMs } = operation;
  if (waitsAfter(operation) === undefined) return;
  const nextAttemptTime = operation.state === 'QUEUED' ? { nextAttemptTime: new Date(dueTimeMs).toISOString() } : {};
  logger.info({ ...fields, failureCount, attemptCountMax, ...nextAttemptTime }, 'waits for another attempt');
}

function logDecision(decision: Decision, { logger, fields }: OutcomeReportOptions): void {
  const told = { ...fields, report: decision.report };
  if (decision.report === 'fail' && decision.bug !== undefined) {
    logger.error({ ...told, error: decision.bug }, 'the handler failed by a bug');
  } else if (decision.report === 'fail') {
    logger.warn({ ...told, status: decision.status, retryable: decision.retryable }, 'the attempt failed');
  } else {
    logger.debug(told, 'the attempt ended');
  }
}
