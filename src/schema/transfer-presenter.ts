import protobuf from 'protobufjs/minimal.js';
import { typeUrl } from '../core/any.ts';
import type { Operation } from '../operations/operation.ts';
import type { Presenter } from '../operations/presenter.ts';
import { TRANSFER_STATUS, type TransferStatus } from '../operations/transfer-filter.ts';
import { shownRequest } from './sealed-request.ts';
import { timestampOf } from './timestamp.ts';

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

/**
 * Shows a transfer as a google.storagetransfer.v1.TransferOperation.
 *
 * This runs within every write, so nothing is decoded: protobuf defines the concatenation of messages as their merge, and the three
 * parts are bytes of a TransferOperation already: the request (project, spec, job), what the record says (name, times, status), and
 * the worker's Progress (counters, failures).
 */
export const presentTransfer: Presenter = (operation) => {
  const { request, metadata } = operation;
  const progress = metadata?.typeUrl === PROGRESS ? [metadata.value] : [];
  return {
    typeUrl: TRANSFER_OPERATION,
    value: Buffer.concat([shownRequest(request), recordPart(operation), ...progress]),
  };
};

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
