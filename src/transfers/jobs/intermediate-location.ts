import { invalidArgument } from '../../core/status-error.ts';
import type { TransferLocation } from '../spec.ts';
import type { Message } from './field-rules.ts';
import { bucketAndPathOf } from './location-message.ts';

/**
 * Checks TransferSpec.gcs_intermediate_data_location, "for transfers between file systems". It is kept for clients that cannot leave it
 * out and never used: one process reads and writes both file systems.
 *
 * @param path  of the spec within the request, in the proto's spelling.
 * @throws StatusError INVALID_ARGUMENT for a place that no bucket has, and between ends that are not both file systems.
 */
export function checkIntermediateLocation(
  message: Message,
  ends: { readonly source: TransferLocation; readonly sink: TransferLocation },
  path: string,
): void {
  const location = message['gcsIntermediateDataLocation'] as Message | undefined;
  if (location === undefined) return;
  const field = `${path}.gcs_intermediate_data_location`;
  if (ends.source.kind !== 'posix' || ends.sink.kind !== 'posix') {
    throw invalidArgument(field, 'is for transfers between file systems; leave it out');
  }
  bucketAndPathOf(location, field);
}
