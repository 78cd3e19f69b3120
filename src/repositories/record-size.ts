import type { Status } from '../core/status-error.ts';
import type { Operation } from '../operations/operation.ts';

/** An operation's own object with its short members and the headers of its buffers, measured on V8. */
const OBJECT_BYTES = 1_500;

/** About what the record takes in memory, bytes: its values, its texts, and its objects. */
export function sizeOf(operation: Operation): number {
  const { request, metadata, checkpoint, result, encoded } = operation;
  const error = result !== undefined && 'error' in result ? result.error : undefined;
  const response = result !== undefined && 'response' in result ? result.response.value.byteLength : 0;
  const values = request.value.byteLength + (metadata?.value.byteLength ?? 0) + (checkpoint?.value.byteLength ?? 0);
  const texts = 4 * operation.name.length + statusBytes(error) + statusBytes(operation.failure?.status);
  return OBJECT_BYTES + values + response + encoded.byteLength + texts + progressBytes(operation);
}

function statusBytes(status: Pick<Status, 'message'> | undefined): number {
  return status === undefined ? 0 : 2 * status.message.length + 1024;
}

function progressBytes({ progress }: Operation): number {
  let length = progress?.stage?.length ?? 0;
  for (const { item, message } of progress?.errorSamples ?? []) length += item.length + message.length;
  return progress === undefined ? 0 : 500 + 2 * length;
}
