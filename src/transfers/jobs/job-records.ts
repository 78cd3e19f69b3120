import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { Resource, ResourceChange, ResourceRepository } from '../../operations/resource.ts';
import { dueTimeOf } from './job-schedule.ts';
import { storedJobOf } from './stored-job.ts';
import { resourceNameOf, TRANSFER_JOB_KIND, type TransferJob, type TransferJobCodec } from './transfer-job.ts';

/** Which job a request is about. */
export interface TransferJobKey {
  readonly projectId: string;
  readonly name: string;
}

export interface StoredJob {
  readonly resource: Resource;
  readonly job: TransferJob;
}

export interface JobRecordsOptions {
  readonly resources: ResourceRepository;
  readonly codec: TransferJobCodec;
  readonly limits: { readonly deletedJobRetentionMs: number };
}

/** Jobs as the resources they are stored as. When a job is due, and when it may go, follows from the job. */
export class JobRecords {
  readonly #options: JobRecordsOptions;

  constructor(options: JobRecordsOptions) {
    this.#options = options;
  }

  /** @throws StatusError NOT_FOUND when the project has no such job; DATA_LOSS when its record is damaged. */
  async read(key: TransferJobKey): Promise<StoredJob> {
    const resource = await this.#options.resources.get(TRANSFER_JOB_KIND, resourceNameOf(key));
    if (resource === undefined) throw jobNotFound(key);
    return { resource, job: this.decode(resource) };
  }

  /** @throws StatusError DATA_LOSS when the record is damaged. */
  decode(resource: Resource): TransferJob {
    return storedJobOf(resource, this.#options.codec);
  }

  async write(job: TransferJob, revision: number): Promise<void> {
    await this.#options.resources.write([this.change(job, revision)]);
  }

  /** The write of a job, for a transaction. @param revision  of the record that was read; 0 for a new one. */
  change(job: TransferJob, revision: number): ResourceChange {
    const { codec, limits } = this.#options;
    const dueTimeMs = dueTimeOf(job);
    return {
      kind: TRANSFER_JOB_KIND,
      name: resourceNameOf(job),
      revision,
      next: {
        collection: job.projectId,
        value: codec.encode(job),
        createTimeMs: job.createTimeMs,
        ...(dueTimeMs === undefined ? {} : { dueTimeMs }),
        ...(job.deleteTimeMs === undefined ? {} : { expireTimeMs: job.deleteTimeMs + limits.deletedJobRetentionMs }),
      },
    };
  }
}

function jobNotFound({ projectId, name }: TransferJobKey): StatusError {
  return new StatusError(Code.NOT_FOUND, `${name} not found in project ${projectId}`, {
    reason: 'TRANSFER_JOB_NOT_FOUND',
    metadata: { transferJob: name, projectId },
  });
}
