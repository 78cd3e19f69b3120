import type { SideWrites } from '../operations/operation-repository.ts';
import type { Operation, Result } from '../operations/operation.ts';

/**
 * The bytes in a buffer of their own.
 *
 * A view of a pooled buffer would keep the whole pool alive in a cache, and take all of it along to another thread.
 */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength && bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes);
}

/** The record with every value in a buffer of its own. */
export function ownOperation(operation: Operation): Operation {
  const { metadata, checkpoint, result } = operation;
  return {
    ...operation,
    request: ownAny(operation.request),
    ...(metadata === undefined ? {} : { metadata: ownAny(metadata) }),
    ...(checkpoint === undefined ? {} : { checkpoint: ownAny(checkpoint) }),
    ...(result === undefined ? {} : { result: ownResult(result) }),
    encoded: ownBytes(operation.encoded),
  };
}

/** The same for what is written beside an operation. */
export function ownSideWrites(also: SideWrites): SideWrites {
  return {
    ...(also.unchanged === undefined ? {} : { unchanged: also.unchanged }),
    resources: (also.resources ?? []).map((change) =>
      change.next === undefined ? change : { ...change, next: { ...change.next, value: ownBytes(change.next.value) } },
    ),
    journal: (also.journal ?? []).map((change) =>
      'put' in change ? { put: { ...change.put, value: ownBytes(change.put.value) } } : change,
    ),
  };
}

/** Bytes of values within side writes. */
export function sideBytes(also: SideWrites | undefined): number {
  let bytes = 0;
  for (const change of also?.resources ?? []) bytes += change.next?.value.byteLength ?? 0;
  for (const change of also?.journal ?? []) bytes += 'put' in change ? change.put.value.byteLength : 0;
  return bytes;
}

function ownAny<T extends { readonly value: Uint8Array }>(any: T): T {
  const value = ownBytes(any.value);
  return value === any.value ? any : { ...any, value };
}

function ownResult(result: Result): Result {
  return 'response' in result ? { response: ownAny(result.response) } : result;
}
