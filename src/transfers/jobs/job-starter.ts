import type { Clock } from '../../core/clock.ts';
import type { Operation } from '../../operations/operation.ts';
import type { Operations } from '../../operations/operations.ts';
import type { ResourceChange } from '../../operations/resource.ts';
import { owe } from '../notifications/outbox.ts';
import { operationKindOf } from '../pools/agent-pool.ts';
import { poolOfSpec } from '../pools/spec-pool.ts';
import type { JobRecords } from './job-records.ts';
import { operationNameOf, resourceNameOf, type TransferJob, type TransferJobCodec } from './transfer-job.ts';

export interface JobStarterOptions {
  readonly records: JobRecords;
  readonly operations: Pick<Operations, 'create'>;
  readonly codec: TransferJobCodec;
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
   *   RESOURCE_CHANGED when another writer of the job came first; ALREADY_EXISTS when another process made the same name.
   */
  async start(job: TransferJob, revision: number): Promise<Operation> {
    const { records, operations, codec, newRunNumber } = this.#options;
    const name = operationNameOf(job.name, newRunNumber());
    const input = {
      surface: 'storagetransfer',
      kind: operationKindOf(poolOfSpec(job.transferSpec ?? {})),
      name,
      collection: job.projectId,
      request: codec.encodeRequest(job),
      resource: job.name,
      exclusiveKey: resourceNameOf(job),
    };
    const change = records.change({ ...job, latestOperationName: name }, revision);
    return (await operations.create(input, { resources: [change, ...this.#owed(job, name)] })).operation;
  }

  /** Also where the topic is bound to nothing yet: a binding may come before the notification is too old. */
  #owed({ projectId, notificationConfig }: TransferJob, name: string): readonly ResourceChange[] {
    if (notificationConfig === undefined) return [];
    const now = this.#options.clock.now();
    return [owe({ name, projectId }, now, now + this.#options.limits.notificationCheckMs)];
  }
}
