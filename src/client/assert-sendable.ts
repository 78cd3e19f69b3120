import { invalidArgument } from '../core/status-error.ts';
import { encodeMessage } from '../schema/protos.ts';
import { updateMembers, type OwnerUpdate } from './owner-messages.ts';

/** A name, a fence and the tags of the fields, beside what is reported. */
const ENVELOPE_BYTES_MAX = 4096;

/**
 * Refuses what no UpdateOperation can carry, before it is merged with what others report: a renewal that carries it would fail for
 * ever, and the lease with it.
 *
 * @param field  what the caller calls it.
 * @param sizeMaxBytes  of the whole request.
 * @throws StatusError INVALID_ARGUMENT (NOT_ENCODABLE, REPORT_TOO_LARGE).
 */
export function assertSendable(field: 'report' | 'checkpoint', update: OwnerUpdate, sizeMaxBytes: number): void {
  const sizeBytes = sizeOf(field, update);
  const roomBytes = sizeMaxBytes - ENVELOPE_BYTES_MAX;
  if (sizeBytes <= roomBytes) return;
  throw invalidArgument(field, `has ${String(sizeBytes)} bytes; at most ${String(roomBytes)} can be sent`, {
    reason: 'REPORT_TOO_LARGE',
    metadata: { sizeBytes: String(sizeBytes), sizeMaxBytes: String(roomBytes) },
  });
}

function sizeOf(field: string, update: OwnerUpdate): number {
  try {
    return encodeMessage('longrunning.control.v1.UpdateOperationRequest', updateMembers(update)).length;
  } catch (cause) {
    throw invalidArgument(field, `cannot be encoded: ${String(cause)}`, { reason: 'NOT_ENCODABLE', cause });
  }
}
