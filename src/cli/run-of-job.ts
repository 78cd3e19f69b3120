import type { LongrunningClient } from '../client/longrunning-client.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { jobNameFrom } from './job-name.ts';

/**
 * The run that is meant: one by its own name, or a job's latest one.
 *
 * @throws StatusError FAILED_PRECONDITION (JOB_WITHOUT_RUN) for a job that has none.
 */
export async function runOf({ transfers }: LongrunningClient, name: string, projectId: string): Promise<string> {
  if (name.startsWith('transferOperations/')) return name;
  const jobName = jobNameFrom(name);
  const { latestOperationName = '' } = await transfers.getJob({ jobName, projectId });
  if (latestOperationName !== '') return latestOperationName;
  throw new StatusError(Code.FAILED_PRECONDITION, `${jobName} has never been run; run it with longrunning jobs run`, {
    reason: 'JOB_WITHOUT_RUN',
    metadata: { transferJob: jobName },
  });
}
