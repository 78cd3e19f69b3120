import { invalidArgument } from '../../core/status-error.ts';
import { isEmpty, servedPart, snakeCase, type Message } from './field-rules.ts';
import { checkEventStream, checkLoggingConfig, checkNotificationConfig } from './job-message-rules.ts';
import { JOB_PATH } from './job-path.ts';
import { rescheduled } from './job-schedule.ts';
import { scheduleOf } from './schedule-message.ts';
import { TRANSFER_JOB_FIELDS } from './transfer-job-fields.ts';
import { checkReplicationSpec } from './replication-spec.ts';
import {
  JOB_MESSAGES,
  jobMessagesOf,
  parseProjectId,
  type JobMessages,
  type TransferJob,
  type TransferJobStatus,
} from './transfer-job.ts';
import { checkedTransferSpec } from './transfer-spec-message.ts';

/** TransferJob.description: "Its max length is 1024 bytes when Unicode-encoded." */
const DESCRIPTION_BYTES_MAX = 1024;

/** What a job's owner decides and may change. */
export type TransferJobSettings = Pick<TransferJob, 'description' | 'status' | 'transferSpec'> & JobMessages;

/** What the server adds to a new job. */
export interface NewJob {
  readonly name: string;
  readonly now: number;
}

/**
 * A job from the message of its creation.
 *
 * @throws StatusError INVALID_ARGUMENT or UNIMPLEMENTED, naming the field.
 */
export function newTransferJob(message: Message, { name, now }: NewJob): TransferJob {
  const projectId = parseProjectId(message['projectId'] as string | undefined, `${JOB_PATH}.project_id`);
  const settings = checkedSettings(message);
  if (settings.status === 'DELETED') {
    throw invalidArgument(`${JOB_PATH}.status`, 'must be ENABLED or DISABLED in a new job');
  }
  return rescheduled({ name, projectId, ...settings, createTimeMs: now, modifyTimeMs: now }, undefined, now);
}

/**
 * The settings that a job's message holds, each rule checked.
 *
 * @throws StatusError INVALID_ARGUMENT or UNIMPLEMENTED, naming the field.
 */
export function checkedSettings(message: Message): TransferJobSettings {
  const { transferSpec, ...rest } = message;
  const { description, status, ...others } = servedPart(rest, TRANSFER_JOB_FIELDS, JOB_PATH);
  const messages = checkedMessages(others);
  const isReplication = messages.replicationSpec !== undefined;
  if (isReplication && transferSpec !== undefined) {
    throw invalidArgument(`${JOB_PATH}.replication_spec`, 'excludes transfer_spec; set one of them');
  }
  const spec = isReplication
    ? {}
    : { transferSpec: checkedTransferSpec(transferSpec as Message | undefined, `${JOB_PATH}.transfer_spec`) };
  return {
    description: checkedDescription(description as string | undefined),
    status: checkedStatus(status),
    ...spec,
    ...messages,
  };
}

/** The job with other settings. An owner may take a deletion back until the job is purged. */
export function withSettings(job: TransferJob, settings: TransferJobSettings, now: number): TransferJob {
  const { name, projectId, createTimeMs, latestOperationName, scheduleTimeMs, runTimeMs, deleteTimeMs = now } = job;
  const { credentials } = job;
  const { description, status, transferSpec } = settings;
  const changed: TransferJob = {
    name,
    projectId,
    description,
    status,
    ...(transferSpec === undefined ? {} : { transferSpec }),
    ...(credentials === undefined ? {} : { credentials }),
    ...jobMessagesOf(settings),
    createTimeMs,
    modifyTimeMs: now,
    ...(status === 'DELETED' ? { deleteTimeMs } : {}),
    ...(latestOperationName === undefined ? {} : { latestOperationName }),
    ...(scheduleTimeMs === undefined ? {} : { scheduleTimeMs }),
    ...(runTimeMs === undefined ? {} : { runTimeMs }),
  };
  return rescheduled(changed, job, now);
}

const MESSAGE_CHECKS: Readonly<Record<keyof JobMessages, (message: Message, path: string) => unknown>> = {
  schedule: scheduleOf,
  eventStream: checkEventStream,
  replicationSpec: checkReplicationSpec,
  notificationConfig: checkNotificationConfig,
  loggingConfig: checkLoggingConfig,
};

/** Those that say something; gcloud sends some in which nothing is set. */
function checkedMessages(message: Message): JobMessages {
  const kept: Partial<Record<keyof JobMessages, Message>> = {};
  for (const key of JOB_MESSAGES) {
    const given = message[key];
    if (isEmpty(given)) continue;
    MESSAGE_CHECKS[key](given as Message, `${JOB_PATH}.${snakeCase(key)}`);
    kept[key] = given as Message;
  }
  return kept;
}

function checkedDescription(description = ''): string {
  const bytes = Buffer.byteLength(description);
  if (bytes <= DESCRIPTION_BYTES_MAX) return description;
  throw invalidArgument(`${JOB_PATH}.description`, `has ${bytes} bytes, more than ${DESCRIPTION_BYTES_MAX}`, {
    metadata: { bytes: String(bytes) },
  });
}

/** TransferJob.status: "This value MUST be specified for CreateTransferJobRequests." Zero "is an illegal value". */
function checkedStatus(status: unknown): TransferJobStatus {
  if (status === 'ENABLED' || status === 'DISABLED' || status === 'DELETED') return status;
  throw invalidArgument(`${JOB_PATH}.status`, 'is required: ENABLED, DISABLED or DELETED');
}
