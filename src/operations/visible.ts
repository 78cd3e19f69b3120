import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { Operation } from './operation.ts';

/** What clients may see of this name: its record unless there is none or it was deleted. @throws StatusError NOT_FOUND. */
export function visible(operation: Operation | undefined, name: string): Operation {
  if (operation === undefined || operation.deleted) throw notFound(name);
  return operation;
}

/** The answer to a well-formed name that has no operation. */
export function notFound(name: string): StatusError {
  return new StatusError(Code.NOT_FOUND, `${name} not found`, {
    reason: 'OPERATION_NOT_FOUND',
    metadata: { operation: name },
  });
}
