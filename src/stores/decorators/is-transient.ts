import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';

const TRANSIENT: readonly Code[] = [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED, Code.ABORTED];

/** Whether the same call may well succeed a little later (TRANSFER.md §2.14): it is the weather, and no answer. */
export function isTransient(error: unknown): error is StatusError {
  return error instanceof StatusError && !error.isFinal && TRANSIENT.includes(error.code);
}
