import protobuf from 'protobufjs/minimal.js';
import { typeUrl } from '../core/any.ts';
import { nextAttemptText } from '../operations/next-attempt-text.ts';
import { waitsAfter, type Operation } from '../operations/operation.ts';
import type { Presenter } from '../operations/presenter.ts';
import { TRANSFER_STATUS, type TransferStatus } from '../operations/transfer-filter.ts';
import { withFault } from '../transfers/attempt-fault.ts';
import { EMPTY_PROGRESS } from '../transfers/transfer-tally.ts';
import { shownRequest } from './sealed-request.ts';
import { timestampOf } from './timestamp.ts';
import { decodeTransferProgress, encodeTransferProgress } from './transfer-state.ts';

/** transfer_types.proto, message TransferOperation. */
const NAME = (1 << 3) | 2;
const START_TIME = (4 << 3) | 2;
const END_TIME = (5 << 3) | 2;
const STATUS = (6 << 3) | 0;
/** timestamp.proto. */
const SECONDS = (1 << 3) | 0;
const NANOS = (2 << 3) | 0;

/** transfer_types.proto, TransferOperation.Status. */
const STATUS_NUMBER: Readonly<Record<TransferStatus, number>> = {
  IN_PROGRESS: 1,
  PAUSED: 2,
  SUCCESS: 3,
  FAILED: 4,
  ABORTED: 5,
  QUEUED: 6,
  SUSPENDING: 7,
};

const TRANSFER_OPERATION = typeUrl('google.storagetransfer.v1.TransferOperation');
const PROGRESS = typeUrl('longrunning.transfers.v1.Progress');

const NOTHING = new Uint8Array(0);

type FaultStatus = Parameters<typeof withFault>[1];

/**
 * Shows a transfer as a google.storagetransfer.v1.TransferOperation.
 *
 * This runs within every write, so nothing is decoded: protobuf defines the concatenation of messages as their merge, and the three
 * parts are bytes of a TransferOperation already: the request (project, spec, job), what the record says (name, times, status), and
 * the worker's Progress (counters, failures). Only what stopped a whole attempt is put among the failures, while it does.
 */
export const presentTransfer: Presenter = (operation) => ({
  typeUrl: TRANSFER_OPERATION,
  value: Buffer.concat([shownRequest(operation.request), recordPart(operation), progressPart(operation)]),
});

function progressPart(operation: Operation): Uint8Array {
  const { metadata } = operation;
  const reported = metadata?.typeUrl === PROGRESS ? metadata : undefined;
  const fault = faultOf(operation);
  if (fault === undefined) return reported?.value ?? NOTHING;
  const progress = reported === undefined ? EMPTY_PROGRESS : decodeTransferProgress(reported);
  return encodeTransferProgress(withFault(progress, fault.status, fault.more)).value;
}

/** Why it waits for another attempt, or has failed; of one that goes on nobody knows whether the cause is still there. */
function faultOf(operation: Operation): { readonly status: FaultStatus; readonly more: readonly string[] } | undefined {
  const failure = waitsAfter(operation);
  if (failure !== undefined) return { status: failure.status, more: [nextAttemptText(operation, failure)] };
  const { state, result } = operation;
  if (state !== 'FAILED' || result === undefined || 'response' in result) return undefined;
  return { status: result.error, more: [] };
}

function recordPart({ name, state, startTimeMs, endTimeMs }: Operation): Uint8Array {
  const writer = protobuf.Writer.create().uint32(NAME).string(name);
  if (startTimeMs !== undefined) writeTime(writer.uint32(START_TIME), startTimeMs);
  if (endTimeMs !== undefined) writeTime(writer.uint32(END_TIME), endTimeMs);
  return writer.uint32(STATUS).uint32(STATUS_NUMBER[TRANSFER_STATUS[state]]).finish();
}

function writeTime(writer: protobuf.Writer, timeMs: number): void {
  const { seconds = 0, nanos = 0 } = timestampOf(timeMs);
  writer.fork().uint32(SECONDS).int64(Number(seconds)).uint32(NANOS).int32(nanos).ldelim();
}
