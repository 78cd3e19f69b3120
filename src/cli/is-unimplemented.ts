import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

/** Whether a server does not have what was asked of it. */
export function isUnimplemented(error: unknown): boolean {
  return error instanceof StatusError && error.code === Code.UNIMPLEMENTED;
}
