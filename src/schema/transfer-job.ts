import type { Any } from '../core/any.ts';
import {
  jobMessagesOf,
  type JobMessages,
  type TransferJob,
  type TransferJobCodec,
  type TransferJobStatus,
} from '../transfers/jobs/transfer-job.ts';
import { decodeMessage, encodeMessage, packAny, type Message } from './protos.ts';
import { sealedRequest } from './sealed-request.ts';
import { timeMsOf, timestampOf, type TimestampMessage } from './timestamp.ts';

const TRANSFER_JOB = 'google.storagetransfer.v1.TransferJob';
const TRANSFER_JOB_STATE = 'longrunning.transfers.v1.TransferJobState';
const TRANSFER_OPERATION = 'google.storagetransfer.v1.TransferOperation';

/** The members of a decoded TransferJob that we store. */
interface TransferJobMessage extends JobMessages {
  readonly name?: string;
  readonly description?: string;
  readonly projectId?: string;
  readonly transferSpec?: Message;
  readonly status?: TransferJobStatus;
  readonly creationTime?: TimestampMessage;
  readonly lastModificationTime?: TimestampMessage;
  readonly deletionTime?: TimestampMessage;
  readonly latestOperationName?: string;
}

interface TransferJobStateMessage {
  readonly scheduleTime?: TimestampMessage;
  readonly runTime?: TimestampMessage;
  readonly credentials?: Uint8Array;
}

/** The google.storagetransfer.v1.TransferJob of a job: what clients see, and the first part of what is stored. */
export function transferJobMessage(job: TransferJob): Message {
  const { name, description, projectId, transferSpec, status, latestOperationName } = job;
  return {
    name,
    description,
    projectId,
    ...(transferSpec === undefined ? {} : { transferSpec }),
    ...jobMessagesOf(job),
    status,
    creationTime: timestampOf(job.createTimeMs),
    lastModificationTime: timestampOf(job.modifyTimeMs),
    ...(job.deleteTimeMs === undefined ? {} : { deletionTime: timestampOf(job.deleteTimeMs) }),
    ...(latestOperationName === undefined ? {} : { latestOperationName }),
  };
}

function decodeTransferJob(bytes: Uint8Array): TransferJob {
  const message = decodeMessage(TRANSFER_JOB, bytes) as TransferJobMessage;
  const { name = '', description = '', projectId = '', status = 'DISABLED', latestOperationName } = message;
  return {
    name,
    description,
    projectId,
    ...(message.transferSpec === undefined ? {} : { transferSpec: specOf(message.transferSpec) }),
    status,
    createTimeMs: timeMsOf(message.creationTime ?? {}),
    modifyTimeMs: timeMsOf(message.lastModificationTime ?? {}),
    ...(message.deletionTime === undefined ? {} : { deleteTimeMs: timeMsOf(message.deletionTime) }),
    ...(latestOperationName === undefined ? {} : { latestOperationName }),
    ...jobMessagesOf(message),
    ...(message.replicationSpec === undefined ? {} : { replicationSpec: specOf(message.replicationSpec) }),
    ...decodeState(bytes),
  };
}

/** What is kept beside the message: two messages in a row are one to a decoder, and each passes by the other's fields. */
function encodeState({ scheduleTimeMs, runTimeMs, credentials }: TransferJob): Uint8Array {
  return encodeMessage(TRANSFER_JOB_STATE, {
    ...(scheduleTimeMs === undefined ? {} : { scheduleTime: timestampOf(scheduleTimeMs) }),
    ...(runTimeMs === undefined ? {} : { runTime: timestampOf(runTimeMs) }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}

function decodeState(bytes: Uint8Array): Pick<TransferJob, 'scheduleTimeMs' | 'runTimeMs' | 'credentials'> {
  const { scheduleTime, runTime, credentials } = decodeMessage(TRANSFER_JOB_STATE, bytes) as TransferJobStateMessage;
  return {
    ...(scheduleTime === undefined ? {} : { scheduleTimeMs: timeMsOf(scheduleTime) }),
    ...(runTime === undefined ? {} : { runTimeMs: timeMsOf(runTime) }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/** The spec without the members that say which of a oneof is set: those are the codec's, no field's. */
function specOf(message: Message): Message {
  const { dataSource: _source, dataSink: _sink, awsS3CompatibleDataSource: compatible, ...spec } = message;
  if (compatible === undefined) return spec;
  const { dataProvider: _provider, ...source } = compatible as Message;
  return { ...spec, awsS3CompatibleDataSource: source };
}

/** The part of the TransferOperation that stands from the start: the run's own copies of what its job says. */
function encodeRequest(job: TransferJob, credentials?: Uint8Array): Any {
  const { projectId, transferSpec, name, notificationConfig, loggingConfig } = job;
  const request = packAny(TRANSFER_OPERATION, {
    projectId,
    transferSpec,
    transferJobName: name,
    ...(notificationConfig === undefined ? {} : { notificationConfig }),
    ...(loggingConfig === undefined ? {} : { loggingConfig }),
  });
  return credentials === undefined ? request : sealedRequest(request, credentials);
}

/** Jobs and the requests of their runs as messages of google.storagetransfer.v1. */
export const transferJobCodec: TransferJobCodec = {
  encode: (job) => Buffer.concat([encodeMessage(TRANSFER_JOB, transferJobMessage(job)), encodeState(job)]),
  decode: decodeTransferJob,
  encodeRequest,
};
