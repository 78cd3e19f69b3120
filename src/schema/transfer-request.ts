import type { Task } from '../operations/task.ts';
import { transferSpecOf } from '../transfers/jobs/transfer-spec-message.ts';
import { loggedActionsOf } from '../transfers/jobs/job-message-rules.ts';
import { poolOfSpec } from '../transfers/pools/spec-pool.ts';
import type { TransferRequest } from '../transfers/spec.ts';
import { decodeMessage, type Message } from './protos.ts';
import { shownRequest } from './sealed-request.ts';

interface TransferOperationMessage {
  readonly projectId?: string;
  readonly transferSpec?: Message;
  readonly loggingConfig?: Message;
  readonly transferJobName?: string;
}

/**
 * What a worker is asked to carry out.
 *
 * @param task  of kind `storagetransfer.transfer`: its request is a TransferOperation with the job's spec as it was at the start.
 * @throws StatusError INVALID_ARGUMENT when the spec lacks its source or sink.
 */
export function transferRequestOf(task: Pick<Task, 'name' | 'request' | 'startTimeMs'>): TransferRequest {
  const message: TransferOperationMessage = decodeMessage(
    'google.storagetransfer.v1.TransferOperation',
    shownRequest(task.request),
  );
  const { projectId = '', transferJobName = '', transferSpec = {}, loggingConfig } = message;
  const names = { operationName: task.name, projectId, transferJobName, startTimeMs: task.startTimeMs };
  const logged = loggingConfig === undefined ? {} : { logged: loggedActionsOf(loggingConfig) };
  const pool = poolOfSpec(transferSpec);
  return { ...names, spec: transferSpecOf(transferSpec), ...(pool === undefined ? {} : { pool }), ...logged };
}
