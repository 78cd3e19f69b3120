import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

/** What a caller is told of an error: itself when it is a StatusError, else INTERNAL that says nothing of what is inside. */
export function publicError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  return new StatusError(Code.INTERNAL, 'Internal error; the log of the sidecar has the cause', {
    reason: 'INTERNAL',
    cause: error,
  });
}

/** Whether an error is to be told to those who run the sidecar: it is nobody's mistake but ours. */
export function isFault(error: StatusError): boolean {
  return error.code === Code.INTERNAL || error.code === Code.UNKNOWN || error.code === Code.DATA_LOSS;
}

/** The reason of a call's signal when its caller left. */
export function callerLeft(): StatusError {
  return new StatusError(Code.CANCELLED, 'the caller cancelled the call', { reason: 'CALL_CANCELLED' });
}

/** The reason of a call's signal when its deadline passed. */
export function deadlinePassed(): StatusError {
  return new StatusError(Code.DEADLINE_EXCEEDED, "the call's deadline passed", { reason: 'DEADLINE_EXCEEDED' });
}
