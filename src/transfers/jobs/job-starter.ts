import type { Any } from '../../core/any.ts';
import type { Clock } from '../../core/clock.ts';
import type { Operation } from '../../operations/operation.ts';
import type { Operations } from '../../operations/operations.ts';
import type { ResourceChange } from '../../operations/resource.ts';
import { owe } from '../notifications/outbox.ts';
import { operationKindOf } from '../pools/agent-pool.ts';
import { poolOfSpec } from '../pools/spec-pool.ts';
import type { JobRecords } from './job-records.ts';
import type { CredentialsSeal } from './credentials-seal.ts';
import { operationNameOf, resourceNameOf, type TransferJob, type TransferJobCodec } from './transfer-job.ts';

export interface JobStarterOptions {
  readonly records: JobRecords;
  readonly operations: Pick<Operations, 'create'>;
  readonly codec: TransferJobCodec;
  readonly seal: CredentialsSeal;
  /** A new number for a run: decimal digits that grow. */
  readonly newRunNumber: () => string;
  readonly clock: Clock;
  readonly limits: {
    /** When a notification of the operation's end is first looked for without a hint, milliseconds from its start. */
    readonly notificationCheckMs: number;
  };
}

/** Starts operations of jobs. */
export class JobStarter {
  readonly #options: JobStarterOptions;

  constructor(options: JobStarterOptions) {
    this.#options = options;
  }

  /**
   * Starts an operation and stores the job with it, in one transaction; the operation can be read and listed at once.
   *
   * @param revision  of the job's record as it was read.
   * @throws StatusError ABORTED, reason EXCLUSIVE_KEY_HELD (metadata `holder`) while another operation of the job is not done, reason
   *   RESOURCE_CHANGED when another writer of the job came first; ALREADY_EXISTS when another process made the same name; as
   *   CredentialsSeal, where the job has credentials.
   */
  async start(job: TransferJob, revision: number): Promise<Operation> {
    const { records, operations, newRunNumber } = this.#options;
    const name = operationNameOf(job.name, newRunNumber());
    const input = {
      surface: 'storagetransfer',
      kind: operationKindOf(poolOfSpec(job.transferSpec ?? {})),
      name,
      collection: job.projectId,
      request: await this.#request(job, name),
      resource: job.name,
      exclusiveKey: resourceNameOf(job),
    };
    const change = records.change({ ...job, latestOperationName: name }, revision);
    return (await operations.create(input, { resources: [change, ...this.#owed(job, name)] })).operation;
  }

  /** What an operation is asked for is its own: a job's update must not take its credentials away. */
  async #request(job: TransferJob, operationName: string): Promise<Any> {
    const { codec, seal } = this.#options;
    if (job.credentials === undefined) return codec.encodeRequest(job);
    const credentials = await seal.open(job.credentials, resourceNameOf(job));
    return codec.encodeRequest(job, await seal.seal(credentials, operationName));
  }

  /** Also where the topic is bound to nothing yet: a binding may come before the notification is too old. */
  #owed({ projectId, notificationConfig }: TransferJob, name: string): readonly ResourceChange[] {
    if (notificationConfig === undefined) return [];
    const now = this.#options.clock.now();
    return [owe({ name, projectId }, now, now + this.#options.limits.notificationCheckMs)];
  }
}
