/** Wires transfers: their jobs, the worker that carries them out, and the janitor of what they leave. */
import { randomInt } from 'node:crypto';
import { extname } from 'node:path';
import { EMPTY } from './core/any.ts';
import type { BucketBindings } from './core/bucket-binding.ts';
import { systemClock } from './core/clock.ts';
import { JanitorRounds } from './janitor-round.ts';
import type { OperationsCore } from './operations-core.ts';
import { standardProgressOf } from './transfers/standard-progress.ts';
import { agentPoolCodec } from './schema/agent-pool.ts';
import { transferJobCodec } from './schema/transfer-job.ts';
import { transferRequestOf } from './schema/transfer-request.ts';
import { decodeTransferCheckpoint, encodeTransferCheckpoint, encodeTransferProgress } from './schema/transfer-state.ts';
import { checkPlaces } from './stores/places/check-places.ts';
import type { TransferThreadData } from './transfer-thread-data.ts';
import type { TransferCheckpoint } from './transfers/checkpoint.ts';
import { JobRecords } from './transfers/jobs/job-records.ts';
import { JobScheduler } from './transfers/jobs/job-scheduler.ts';
import { JobStarter } from './transfers/jobs/job-starter.ts';
import { RunNumbers } from './transfers/jobs/run-numbers.ts';
import { TransferJobs } from './transfers/jobs/transfer-jobs.ts';
import { operationKindOf } from './transfers/pools/agent-pool.ts';
import { AgentPools } from './transfers/pools/agent-pools.ts';
import type { TransferProgress } from './transfers/progress.ts';
import type { TransferRequest } from './transfers/spec.ts';
import { StagingJanitor } from './transfers/staging-janitor.ts';
import { ThreadWorker } from './workers/thread-worker.ts';

/** What transfers may touch. */
export interface TransferPlaces {
  /** As resolvePosixRoots() answered them. */
  readonly posixRoots: readonly string[];
  readonly buckets: BucketBindings;
}

/** What transfers of this process may touch, and whose they are. */
export interface TransferGround {
  readonly places: TransferPlaces;
  /** Undefined for the default pool. */
  readonly agentPools: readonly (string | undefined)[];
}

/** What clients do to jobs and pools, and what starts jobs that are scheduled. */
export interface TransferJobParts {
  readonly jobs: TransferJobs;
  readonly pools: AgentPools;
  readonly scheduler: JobScheduler;
}

export function createTransferJobs(
  { database, operations, pageTokens, limits, logger }: OperationsCore,
  { places, agentPools }: TransferGround,
): TransferJobParts {
  const runNumbers = new RunNumbers(() => systemClock.now(), Math.random);
  const { resources } = database;
  const parts = { resources, codec: transferJobCodec, clock: systemClock, limits: limits.transferJobs };
  const records = new JobRecords(parts);
  const starter = new JobStarter({ ...parts, records, operations, newRunNumber: () => runNumbers.next() });
  const pools = new AgentPools({ ...parts, codec: agentPoolCodec, records, pageTokens });
  const served = new Set(agentPools.map(operationKindOf));
  const jobs = new TransferJobs({
    ...parts,
    pools,
    isPoolServed: (pool) => served.has(operationKindOf(pool)),
    records,
    starter,
    pageTokens,
    checkSpec: (spec) =>
      checkPlaces(spec, {
        roots: places.posixRoots,
        bindings: places.buckets,
        timeoutMs: limits.transferJobs.pathCheckMaxMs,
        clock: systemClock,
      }),
    newJobId: () => String(randomInt(2 ** 47)) + String(randomInt(100_000)).padStart(5, '0'),
  });
  return { jobs, pools, scheduler: new JobScheduler({ ...parts, records, starter, logger, random: Math.random }) };
}

export function createTransferWorker(
  { limits, logger }: OperationsCore,
  { places, agentPools }: TransferGround,
): ThreadWorker<TransferRequest, TransferCheckpoint, TransferProgress> {
  const environment: TransferThreadData = { limits: limits.transfers, ...places };
  return new ThreadWorker({
    slotCount: limits.transferWorker.slotCount,
    spareThreadCount: limits.transferWorker.spareThreadCount,
    resourceLimits: { maxYoungGenerationSizeMb: limits.transferWorker.nurserySizeMib },
    name: 'transfers',
    kinds: [...new Set(agentPools.map(operationKindOf))],
    share: { surface: 'storagetransfer', leasedCountMax: limits.transferWorker.projectOperationCountMax },
    // The same file in the tree and in the package.
    entry: new URL(`./transfer.thread${extname(import.meta.url)}`, import.meta.url),
    codec: {
      input: transferRequestOf,
      encodeCheckpoint: encodeTransferCheckpoint,
      decodeCheckpoint: decodeTransferCheckpoint,
      encodeProgress: encodeTransferProgress,
      standardProgress: standardProgressOf,
      response: () => EMPTY,
    },
    environment,
    limits: limits.workers,
    logger,
  });
}

export function createJanitor({ database, limits, logger }: OperationsCore, places: TransferPlaces): StagingJanitor {
  const rounds = new JanitorRounds({ ...places, logger, roundMaxMs: limits.janitor.roundMaxMs });
  return new StagingJanitor({
    journal: database.journal,
    changes: (signal) => database.operations.changes(signal),
    clean: (entries) => rounds.clean(entries),
    clock: systemClock,
    logger,
    limits: limits.janitor,
  });
}
