import { invalidArgument } from '../../core/status-error.ts';
import { servedPart, type Message } from './field-rules.ts';
import { TRANSFER_JOB_FIELDS } from './transfer-job-fields.ts';
import { parseProjectId, type TransferJob, type TransferJobStatus } from './transfer-job.ts';
import { checkedTransferSpec } from './transfer-spec-message.ts';

/** Where the job stands in the requests that bring one. */
export const JOB_PATH = 'transfer_job';

/** TransferJob.description: "Its max length is 1024 bytes when Unicode-encoded." */
const DESCRIPTION_BYTES_MAX = 1024;

/** What a job's owner decides and may change. */
export type TransferJobSettings = Pick<TransferJob, 'description' | 'status' | 'transferSpec'>;

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
  return { name, projectId, ...settings, createTimeMs: now, modifyTimeMs: now };
}

/**
 * The settings that a job's message holds, each rule checked.
 *
 * @throws StatusError INVALID_ARGUMENT or UNIMPLEMENTED, naming the field.
 */
export function checkedSettings(message: Message): TransferJobSettings {
  const { transferSpec, ...rest } = message;
  const { description, status } = servedPart(rest, TRANSFER_JOB_FIELDS, JOB_PATH);
  return {
    description: checkedDescription(description as string | undefined),
    status: checkedStatus(status),
    transferSpec: checkedTransferSpec(transferSpec as Message | undefined, `${JOB_PATH}.transfer_spec`),
  };
}

/** The job with other settings. An owner may take a deletion back until the job is purged. */
export function withSettings(job: TransferJob, settings: TransferJobSettings, now: number): TransferJob {
  const { deleteTimeMs = now, ...rest } = job;
  const { description, status, transferSpec } = settings;
  const deletion = status === 'DELETED' ? { deleteTimeMs } : {};
  return { ...rest, description, status, transferSpec, ...deletion, modifyTimeMs: now };
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
