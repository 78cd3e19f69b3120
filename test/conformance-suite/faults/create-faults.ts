import { Code } from '../../../src/core/code.ts';
import { encodeMessage } from '../../../src/schema/protos.ts';
import { recoding, type FaultRow } from './make-fault.ts';

export const CREATE_FAULTS: readonly FaultRow[] = [
  {
    does: 'refuses parallel work with FAILED_PRECONDITION',
    foundBy: 'parallel-aborted',
    collection: 'operations',
    fault: recoding('CreateOperation', Code.ABORTED, Code.FAILED_PRECONDITION),
  },
  {
    does: 'makes another operation for the same request id',
    foundBy: 'create-request-id-idempotent',
    collection: 'operations',
    fault: () => async (call) => {
      if (call.rpc !== 'CreateOperation') return undefined;
      const { requestId: _requestId, ...message } = call.message;
      return call.forward(encodeMessage('longrunning.control.v1.CreateOperationRequest', message));
    },
  },
  {
    does: 'answers another request under a request id with the first one’s operation',
    foundBy: 'create-request-id-idempotent',
    collection: 'operations',
    fault: () => async (call) => {
      if (call.rpc !== 'CreateOperation') return undefined;
      const { priority: _priority, ...message } = call.message;
      return call.forward(encodeMessage('longrunning.control.v1.CreateOperationRequest', message));
    },
  },
];
