import type { Any } from '../../core/any.ts';
import type { Status } from '../../core/status-error.ts';
import type { Lease } from '../lease.ts';
import { isDone, type Operation } from '../operation.ts';

/** How an owner says that its work has ended. */
export type OwnerEnd =
  { readonly response: Any } | { readonly error: Status; readonly retryable: boolean } | 'cancelled';

/** An owner was answered while a cancel is wanted: the legs of the cancel that this closes. Pure. */
export function hearCancel(operation: Operation, now: number, acknowledges: boolean): Operation {
  const { cancel } = operation;
  if (operation.state !== 'CANCELLING' || cancel === undefined) return operation;
  const deliverTimeMs = cancel.deliverTimeMs ?? Math.max(now, cancel.requestTimeMs);
  // An owner can only acknowledge what it was told by an earlier answer.
  const isAcknowledged = acknowledges && cancel.deliverTimeMs !== undefined && cancel.acknowledgeTimeMs === undefined;
  if (cancel.deliverTimeMs !== undefined && !isAcknowledged) return operation;
  const acknowledged = isAcknowledged ? { acknowledgeTimeMs: Math.max(now, deliverTimeMs) } : {};
  return { ...operation, cancel: { ...cancel, deliverTimeMs, ...acknowledged } };
}

/**
 * Whether the operation stands as it does after an owner's call: then that call is repeated, as its answer was lost. Pure.
 *
 * Work that is to be tried again is queued by the failure, or was by the end of its lease: no other owner has had it since.
 */
export function isEndedBy(operation: Operation, { fence }: Lease, end: OwnerEnd): boolean {
  if (operation.fence !== fence) return false;
  if (isDone(operation)) return isSameEnd(operation, end);
  return operation.state === 'QUEUED' && end !== 'cancelled' && 'error' in end && end.retryable;
}

function isSameEnd({ state, result, cancel }: Operation, end: OwnerEnd): boolean {
  if (end === 'cancelled') return state === 'CANCELLED' && cancel?.stopConfirmed === true;
  if (result === undefined) return false;
  if ('response' in end) return 'response' in result && isSameAny(result.response, end.response);
  return state === 'FAILED' && 'error' in result && isSameError(result.error, end.error);
}

function isSameAny(left: Any, right: Any): boolean {
  return left.typeUrl === right.typeUrl && Buffer.compare(left.value, right.value) === 0;
}

function isSameError(left: Status, right: Status): boolean {
  return left.code === right.code && left.message === right.message;
}
