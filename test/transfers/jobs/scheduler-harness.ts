import { DEFAULT_OPERATIONS_LIMITS } from '../../../src/operations/limits.ts';
import type { Operation } from '../../../src/operations/operation.ts';
import { Operations } from '../../../src/operations/operations.ts';
import { PageTokens } from '../../../src/operations/page-token.ts';
import { SurfaceTable } from '../../../src/operations/surface.ts';
import { requestCancel } from '../../../src/operations/transitions.ts';
import { openMemoryDatabase, type MemoryDatabase } from '../../../src/repositories/memory-database.ts';
import { createOperationEncoder } from '../../../src/schema/operation-encoder.ts';
import { protoAnyResolver } from '../../../src/schema/resolver.ts';
import { transferJobCodec } from '../../../src/schema/transfer-job.ts';
import type { Message } from '../../../src/transfers/jobs/field-rules.ts';
import { AesCredentialsSeal } from '../../../src/stores/credentials/aes-credentials-seal.ts';
import { memoryCredentialsKeys } from '../../../src/stores/credentials/credentials-keys.ts';
import { JobRecords } from '../../../src/transfers/jobs/job-records.ts';
import { JobScheduler } from '../../../src/transfers/jobs/job-scheduler.ts';
import { JobStarter } from '../../../src/transfers/jobs/job-starter.ts';
import { DEFAULT_TRANSFER_JOB_LIMITS } from '../../../src/transfers/jobs/limits.ts';
import { TransferJobs } from '../../../src/transfers/jobs/transfer-jobs.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { JOB } from './sample-job.ts';

/** The process of a sidecar as far as it starts scheduled jobs. */
export interface Replica {
  readonly jobs: TransferJobs;
  readonly scheduler: JobScheduler;
}

/** Jobs on one database, at a time that only the test moves. */
export interface SchedulerHarness {
  readonly clock: FakeClock;
  readonly database: MemoryDatabase;
  readonly logger: RecordingLogger;
  /** Another process on the same database. */
  open(): Replica;
  /** Creates a job of project `p`. */
  create(job: Message): Promise<void>;
  update(name: string, job: Message): Promise<void>;
  /** Every operation, the oldest first. */
  operations(): Promise<readonly Operation[]>;
  /** When each operation was made, the oldest first. */
  startTimes(): Promise<readonly string[]>;
  /** Ends every operation. */
  endAll(): Promise<void>;
}

export async function openScheduler(now: string): Promise<SchedulerHarness> {
  const clock = new FakeClock(Date.parse(now));
  const database = openMemoryDatabase({ clock });
  const logger = new RecordingLogger();
  const key = await database.secret('page-tokens');
  const seal = new AesCredentialsSeal(memoryCredentialsKeys());
  let number = 0;
  const open = (): Replica => {
    const pageTokens = new PageTokens(key, DEFAULT_OPERATIONS_LIMITS.pageTokenLifetimeMs);
    const operations = new Operations({
      logger,
      database,
      surfaces: new SurfaceTable(),
      encode: createOperationEncoder(new Map(), () => 'example.com'),
      resolver: protoAnyResolver,
      pageTokens,
      interrupter: { interrupt: () => {} },
      clock,
      nextTurn: () => Promise.resolve(),
      limits: DEFAULT_OPERATIONS_LIMITS,
    });
    const { resources } = database;
    const parts = { resources, codec: transferJobCodec, seal, clock, logger, limits: DEFAULT_TRANSFER_JOB_LIMITS };
    const records = new JobRecords(parts);
    const starter = new JobStarter({ ...parts, records, operations, newRunNumber: () => String((number += 1)) });
    const shared = { ...parts, records, starter };
    return {
      jobs: new TransferJobs({
        ...shared,
        pools: { require: () => Promise.resolve() },
        isPoolServed: () => true,
        isActivityLogged: true,
        pageTokens,
        checkSpec: () => {},
        newJobId: () => String((number += 1)),
      }),
      scheduler: new JobScheduler({ ...shared, random: () => 0.5 }),
    };
  };
  const { jobs } = open();
  const operations = async (): Promise<readonly Operation[]> => {
    const query = { surface: 'storagetransfer', collection: 'p', limit: 10_000 };
    return [...(await database.operations.list(query))].reverse();
  };
  return {
    clock,
    database,
    logger,
    open,
    create: async (job) => {
      await jobs.create({ ...JOB, ...job });
    },
    update: async (name, job) => {
      await jobs.update({ projectId: 'p', name }, job, Object.keys(job));
    },
    operations,
    startTimes: async () => (await operations()).map(({ createTimeMs }) => new Date(createTimeMs).toISOString()),
    endAll: async () => {
      for (const { name } of await operations()) {
        await database.operations.update(name, (it, at) => requestCancel(it, at, { reason: 'user', actor: '' }));
      }
    },
  };
}
