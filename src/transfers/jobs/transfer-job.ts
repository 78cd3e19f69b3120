import { invalidArgument } from '../../core/status-error.ts';
import type { Any } from '../../core/any.ts';
import type { Message } from './field-rules.ts';

/** The kind of the resources that jobs are stored as, and of the operations that carry them out. */
export const TRANSFER_JOB_KIND = 'transfer-job';
export const TRANSFER_OPERATION_KIND = 'storagetransfer.transfer';

/** transfer_types.proto, TransferJob.Status, without its illegal zero. */
export type TransferJobStatus = 'ENABLED' | 'DISABLED' | 'DELETED';

/** Messages of google.storagetransfer.v1 within a job, each as its owner wrote it, valid; absent where nothing is set. */
export interface JobMessages {
  readonly schedule?: Message;
  readonly eventStream?: Message;
  readonly replicationSpec?: Message;
  readonly notificationConfig?: Message;
  readonly loggingConfig?: Message;
}

/** The members of JobMessages. */
export const JOB_MESSAGES = [
  'schedule',
  'eventStream',
  'replicationSpec',
  'notificationConfig',
  'loggingConfig',
] as const satisfies readonly (keyof JobMessages)[];

/** The messages that are there, of a job or of what it is made from. */
export function jobMessagesOf(source: JobMessages): JobMessages {
  return Object.fromEntries(
    JOB_MESSAGES.flatMap((key) => (source[key] === undefined ? [] : [[key, source[key]] as const])),
  );
}

/**
 * What is to be transferred, again and again: a google.storagetransfer.v1.TransferJob. Times are milliseconds since the epoch.
 *
 * Immutable. Its status speaks of runs to come only: an operation that was started is not touched by any change of its job.
 */
export interface TransferJob extends JobMessages {
  /** `transferJobs/<id>`, unique within its project. */
  readonly name: string;
  readonly projectId: string;
  readonly description: string;
  readonly status: TransferJobStatus;
  /**
   * A google.storagetransfer.v1.TransferSpec as its owner wrote it, valid and with nothing that is not served. Absent exactly in a
   * job that replicates.
   */
  readonly transferSpec?: Message;
  /** Those that its owner gave for the spec's source, sealed (CredentialsSeal) for the name of its resource. No client is ever told. */
  readonly credentials?: Uint8Array;
  readonly createTimeMs: number;
  /** When its owner last changed it; runs do not. */
  readonly modifyTimeMs: number;
  /** Present exactly while the status is DELETED. */
  readonly deleteTimeMs?: number;
  /** The operation started last. */
  readonly latestOperationName?: string;
  /** From when on the schedule counts. */
  readonly scheduleTimeMs?: number;
  /** The last scheduled run that was dealt with, started or skipped; it only grows. */
  readonly runTimeMs?: number;
}

/** The bytes of jobs and of what they ask workers to do; made in schema/. */
export interface TransferJobCodec {
  encode(job: TransferJob): Uint8Array;
  decode(bytes: Uint8Array): TransferJob;
  /** The request of an operation: it holds a copy of the spec of its own, and of `credentials`, sealed for the operation's name. */
  encodeRequest(job: TransferJob, credentials?: Uint8Array): Any;
}

/** transfer_types.proto: "should be no more than 128 characters". */
const NAME_LENGTH_MAX = 128;
const NAME = /^transferJobs\/[A-Za-z0-9\-._~]*[A-Za-z0-9]$/;
/** Ids, numbers and domain-scoped ids of projects; a slash or a blank would confuse names made of it. */
const PROJECT_ID = /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,127}$/;

/**
 * A job's name as a request gives it. The prefix `transferJobs/OPI` is not asked of anything: transfer_types.proto
 * says "Applications must not rely on the enforcement of naming requirements involving OPI".
 * @throws StatusError INVALID_ARGUMENT for a name that no job can have.
 */
export function parseTransferJobName(name: string | undefined, field: string): string {
  if (name === undefined || name === '') throw invalidArgument(field, 'is required, as transferJobs/<id>');
  if (name.length <= NAME_LENGTH_MAX && NAME.test(name)) return name;
  throw invalidArgument(
    field,
    `must be transferJobs/ and then letters, digits and -._~ with a letter or digit at the end, ${NAME_LENGTH_MAX} characters in all`,
    { reason: 'INVALID_NAME' },
  );
}

/** @throws StatusError INVALID_ARGUMENT when it is missing or no project's id. */
export function parseProjectId(projectId: string | undefined, field: string): string {
  if (projectId === undefined || projectId === '') throw invalidArgument(field, 'is required');
  if (PROJECT_ID.test(projectId)) return projectId;
  throw invalidArgument(
    field,
    'must be letters, digits and .:_- beginning with a letter or digit, 128 characters at most',
  );
}

/** The name of a job's resource. Job names are unique within their project only, names of resources altogether. */
export function resourceNameOf(job: Pick<TransferJob, 'projectId' | 'name'>): string {
  return `projects/${job.projectId}/${job.name}`;
}

/** The name of a run of a job: decimal `number`s that grow order the runs. */
export function operationNameOf(jobName: string, number: string): string {
  return `transferOperations/${jobName.replace('/', '-')}-${number}`;
}
