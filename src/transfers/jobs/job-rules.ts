import { invalidArgument } from '../../core/status-error.ts';
import { isEmpty, servedPart, type Message } from './field-rules.ts';
import { JOB_PATH } from './job-path.ts';
import { rescheduled } from './job-schedule.ts';
import { scheduleOf } from './schedule-message.ts';
import { TRANSFER_JOB_FIELDS } from './transfer-job-fields.ts';
import { parseProjectId, type TransferJob, type TransferJobStatus } from './transfer-job.ts';
import { checkedTransferSpec } from './transfer-spec-message.ts';

/** TransferJob.description: "Its max length is 1024 bytes when Unicode-encoded." */
const DESCRIPTION_BYTES_MAX = 1024;

/** What a job's owner decides and may change. */
export type TransferJobSettings = Pick<TransferJob, 'description' | 'status' | 'transferSpec' | 'schedule'>;

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
  const { description, status, schedule } = servedPart(rest, TRANSFER_JOB_FIELDS, JOB_PATH);
  return {
    description: checkedDescription(description as string | undefined),
    status: checkedStatus(status),
    transferSpec: checkedTransferSpec(transferSpec as Message | undefined, `${JOB_PATH}.transfer_spec`),
    ...checkedSchedule(schedule as Message | undefined),
  };
}

/** The job with other settings. An owner may take a deletion back until the job is purged. */
export function withSettings(job: TransferJob, settings: TransferJobSettings, now: number): TransferJob {
  const { deleteTimeMs = now, schedule: _schedule, ...rest } = job;
  const { description, status, transferSpec, schedule } = settings;
  const changed = { description, status, transferSpec, ...(schedule === undefined ? {} : { schedule }) };
  const deletion = status === 'DELETED' ? { deleteTimeMs } : {};
  return rescheduled({ ...rest, ...changed, ...deletion, modifyTimeMs: now }, job, now);
}

function checkedSchedule(schedule: Message | undefined): Pick<TransferJob, 'schedule'> {
  scheduleOf(schedule, `${JOB_PATH}.schedule`);
  return schedule === undefined || isEmpty(schedule) ? {} : { schedule };
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
