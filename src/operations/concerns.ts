import { StatusError } from '../core/status-error.ts';

/** Whether an error is about this one operation, and not about the storage: then others can be read and written. */
export function concerns(error: unknown, name: string): boolean {
  return error instanceof StatusError && error.info.metadata?.['operation'] === name;
}
