import type { OperationMessage, TransferOperationMessage } from '../../client/messages.ts';
import { Code } from '../../core/code.ts';
import type { Tone } from './style.ts';

/** What people call Google's statuses of a transfer that is not done. */
const TRANSFER_STATES: Readonly<Record<string, string>> = {
  IN_PROGRESS: 'RUNNING',
  QUEUED: 'QUEUED',
  SUSPENDING: 'SUSPENDING',
  PAUSED: 'PAUSED',
};

const TONES: Readonly<Record<string, Tone>> = {
  SUCCEEDED: 'good',
  FAILED: 'bad',
  CANCELLED: 'warning',
  CANCELLING: 'warning',
  PAUSED: 'faint',
  QUEUED: 'faint',
};

/**
 * Where an operation stands in one word. google.longrunning tells only whether it is done, and how it ended; of others than transfers
 * that are not, only OperationControl knows more.
 */
export function stateOf({ done, error }: OperationMessage, transfer?: TransferOperationMessage): string {
  if (done !== true) return TRANSFER_STATES[transfer?.status ?? ''] ?? 'NOT DONE';
  if (error === undefined) return 'SUCCEEDED';
  return error.code === Code.CANCELLED ? 'CANCELLED' : 'FAILED';
}

/** The word of a value of longrunning.control.v1.State. */
export function stateWord(state: string | undefined): string {
  return (state ?? 'STATE_UNSPECIFIED').replace(/^STATE_/, '');
}

export function toneOf(state: string): Tone {
  return TONES[state] ?? 'none';
}
