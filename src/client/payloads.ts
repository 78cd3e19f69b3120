import { messageName } from '../core/any.ts';
import type { Status } from '../core/status-error.ts';
import { domainAny, unpackAny, type Message } from '../schema/protos.ts';
import { statusOf } from '../schema/status.ts';
import type { BulkCancelCounts } from './control-messages.ts';
import type { OperationMessage, TransferOperationMessage } from './messages.ts';

/** The TransferOperation in an operation's metadata; undefined when it is no transfer. */
export function transferOf({ metadata }: OperationMessage): TransferOperationMessage | undefined {
  if (metadata === undefined) return undefined;
  const any = domainAny(metadata);
  if (messageName(any) !== 'google.storagetransfer.v1.TransferOperation') return undefined;
  return unpackAny(any);
}

/** Why an operation failed, with its ErrorInfo; undefined when it has not. */
export function errorOf({ error }: OperationMessage): Status | undefined {
  return error === undefined ? undefined : statusOf(error as Message);
}

/** How many operations a bulk cancel has met, as its response or, before its end, its metadata tells. */
export function bulkCancelCountsOf({ metadata, response }: OperationMessage): BulkCancelCounts {
  if (response !== undefined) return unpackAny(domainAny(response)) ?? {};
  const { counts } = (metadata === undefined ? undefined : unpackAny(domainAny(metadata))) ?? {};
  return counts ?? {};
}
