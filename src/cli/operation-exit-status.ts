import type { OperationMessage } from '../client/messages.ts';
import { ExitStatus } from './exit-status.ts';

/** What a finished operation means to a script. */
export function operationExitStatus({ error }: OperationMessage): number {
  return error === undefined ? ExitStatus.DONE : ExitStatus.FAILED;
}
