import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { TransferTally } from './transfer-tally.ts';

/** How a transfer ends in which all went well but for some objects (reason TRANSFER_OBJECTS_FAILED); undefined where none failed. */
export function objectsFailure(tally: TransferTally): StatusError | undefined {
  const code = tally.dominantCode();
  if (code === undefined) return undefined;
  const count = tally.failureCount();
  return new StatusError(
    code === Code.CANCELLED ? Code.UNKNOWN : code,
    `${count} of the objects or directories could not be copied, listed or deleted, everything else was; ` +
      'see errorBreakdowns in the metadata, remove the causes and run the transfer again',
    // The walk is over: another attempt would begin behind it, and only say this again.
    { reason: 'TRANSFER_OBJECTS_FAILED', metadata: { count: String(count) }, isFinal: true },
  );
}
