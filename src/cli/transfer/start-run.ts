import { isDeepStrictEqual } from 'node:util';
import type { LongrunningClient } from '../../client/longrunning-client.ts';
import { transferOf } from '../../client/payloads.ts';
import type { TransferJobMessage } from '../../client/messages.ts';
import type { JobKey } from '../../client/storage-transfer-client.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';

/** A run that is under way. */
export interface StartedRun {
  readonly operationName: string;
  /** Whether it was under way before: after a crash, or by somebody else. */
  readonly wasRunning: boolean;
}

/**
 * Makes sure that the job is there as it is wanted, and runs it; a run of it that is not done is joined, and resumed when it is paused.
 *
 * @throws StatusError FAILED_PRECONDITION (JOB_OF_OTHER_DIRECTORIES) when its name is of another pair of directories.
 */
export async function startRun(
  { transfers, operations }: Pick<LongrunningClient, 'transfers' | 'operations'>,
  job: TransferJobMessage,
  signal: AbortSignal,
): Promise<StartedRun> {
  const key = { jobName: job.name ?? '', projectId: job.projectId ?? '' };
  await ensureJob(transfers, job, { key, signal });
  try {
    const { name = '' } = await transfers.runJob(key, { signal });
    return { operationName: name, wasRunning: false };
  } catch (error) {
    if (reasonOf(error) !== 'TRANSFER_JOB_HAS_ACTIVE_OPERATION') throw error;
    const operationName = (error as StatusError).info.metadata?.['transferOperation'] ?? '';
    const status = transferOf(await operations.get(operationName, { signal }))?.status;
    if (status === 'PAUSED') await transfers.resumeOperation(operationName, { signal });
    return { operationName, wasRunning: true };
  }
}

async function ensureJob(
  transfers: LongrunningClient['transfers'],
  job: TransferJobMessage,
  { key, signal }: { readonly key: JobKey; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await transfers.createJob(job, { signal });
  } catch (error) {
    if (!(error instanceof StatusError && error.code === Code.ALREADY_EXISTS)) throw error;
    const existing = await transfers.getJob(key, { signal });
    if (!isSameRoute(existing, job)) throw otherDirectories(existing);
    if (isSameOptions(existing, job) && existing.status === 'ENABLED') return;
    await transfers.updateJob(key, job, ['transfer_spec', 'status'], { signal });
  }
}

function isSameRoute({ transferSpec: one }: TransferJobMessage, { transferSpec: other }: TransferJobMessage): boolean {
  return (
    one?.posixDataSource?.rootDirectory === other?.posixDataSource?.rootDirectory &&
    one?.posixDataSink?.rootDirectory === other?.posixDataSink?.rootDirectory
  );
}

function isSameOptions(one: TransferJobMessage, other: TransferJobMessage): boolean {
  return isDeepStrictEqual(one.transferSpec?.transferOptions, other.transferSpec?.transferOptions);
}

function otherDirectories({ name = '', transferSpec }: TransferJobMessage): StatusError {
  const source = transferSpec?.posixDataSource?.rootDirectory ?? '';
  const sink = transferSpec?.posixDataSink?.rootDirectory ?? '';
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `${name} copies ${source} to ${sink}; give another --name, or none`,
    { reason: 'JOB_OF_OTHER_DIRECTORIES', metadata: { transferJob: name, source, sink } },
  );
}

function reasonOf(error: unknown): string | undefined {
  return error instanceof StatusError ? error.info.reason : undefined;
}
