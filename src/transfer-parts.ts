/** Wires transfers: their jobs, the worker that carries them out, and the janitor of what they leave. */
import { randomInt } from 'node:crypto';
import { extname } from 'node:path';
import { EMPTY } from './core/any.ts';
import type { BucketBindings } from './core/bucket-binding.ts';
import { systemClock } from './core/clock.ts';
import { JanitorRounds } from './janitor-round.ts';
import type { OperationsCore } from './operations-core.ts';
import type { Task } from './operations/task.ts';
import { standardProgressOf } from './transfers/standard-progress.ts';
import { agentPoolCodec } from './schema/agent-pool.ts';
import { transferJobCodec } from './schema/transfer-job.ts';
import { sealedCredentialsOf } from './schema/sealed-request.ts';
import { transferRequestOf } from './schema/transfer-request.ts';
import { decodeTransferCheckpoint, encodeTransferCheckpoint, encodeTransferProgress } from './schema/transfer-state.ts';
import { ByteRate } from './stores/decorators/byte-rate.ts';
import { S3AbilityCache } from './stores/s3/s3-ability-cache.ts';
import type { StoreLimits } from './stores/places/limits.ts';
import { checkPlaces } from './stores/places/check-places.ts';
import type { EgressPolicy } from './stores/web/egress.ts';
import type { TransferThreadData } from './transfer-thread-data.ts';
import type { TransferCheckpoint } from './transfers/checkpoint.ts';
import { JobRecords } from './transfers/jobs/job-records.ts';
import { JobScheduler } from './transfers/jobs/job-scheduler.ts';
import { JobStarter } from './transfers/jobs/job-starter.ts';
import { RunNumbers } from './transfers/jobs/run-numbers.ts';
import { TransferJobs } from './transfers/jobs/transfer-jobs.ts';
import { operationKindOf } from './transfers/pools/agent-pool.ts';
import { AgentPools } from './transfers/pools/agent-pools.ts';
import { PoolLimits } from './transfers/pools/pool-limits.ts';
import { PoolRates } from './transfers/pools/pool-rates.ts';
import type { TransferProgress } from './transfers/progress.ts';
import type { TransferRequest } from './transfers/spec.ts';
import { StagingJanitor } from './transfers/staging-janitor.ts';
import type { CredentialsSeal } from './transfers/jobs/credentials-seal.ts';
import { ThreadWorker } from './workers/thread-worker.ts';

/** What transfers may touch. */
export interface TransferPlaces {
  /** As resolvePosixRoots() answered them. */
  readonly posixRoots: readonly string[];
  readonly buckets: BucketBindings;
  /** Hosts that callers may name. */
  readonly allowedHosts: EgressPolicy;
  /** See OpenBucketOptions. */
  readonly sortDirectory: string;
}

/** What transfers of this process may touch, and whose they are. */
export interface TransferGround {
  readonly places: TransferPlaces;
  /** Undefined for the default pool. */
  readonly agentPools: readonly (string | undefined)[];
  readonly poolRates: PoolRateParts;
  /** Where their activities are logged; undefined when nowhere. */
  readonly activityLog: string | undefined;
  readonly seal: CredentialsSeal;
}

/** What clients do to jobs and pools, and what starts jobs that are scheduled. */
export interface TransferJobParts {
  readonly jobs: TransferJobs;
  readonly pools: AgentPools;
  readonly scheduler: JobScheduler;
}

export function createTransferJobs(
  { database, operations, pageTokens, limits, logger }: OperationsCore,
  { places, agentPools, activityLog, seal }: TransferGround,
): TransferJobParts {
  const runNumbers = new RunNumbers(() => systemClock.now(), Math.random);
  const { resources } = database;
  const parts = { resources, codec: transferJobCodec, clock: systemClock, limits: limits.transferJobs };
  const records = new JobRecords(parts);
  const starter = new JobStarter({ ...parts, seal, records, operations, newRunNumber: () => runNumbers.next() });
  const pools = new AgentPools({ ...parts, codec: agentPoolCodec, records, pageTokens });
  const served = new Set(agentPools.map(operationKindOf));
  const jobs = new TransferJobs({
    ...parts,
    seal,
    pools,
    isActivityLogged: activityLog !== undefined,
    isPoolServed: (pool) => served.has(operationKindOf(pool)),
    records,
    starter,
    pageTokens,
    checkSpec: (spec) =>
      checkPlaces(spec, {
        roots: places.posixRoots,
        bindings: places.buckets,
        egress: places.allowedHosts,
        timeoutMs: limits.transferJobs.pathCheckMaxMs,
        clock: systemClock,
      }),
    newJobId: () => String(randomInt(2 ** 47)) + String(randomInt(100_000)).padStart(5, '0'),
  });
  return { jobs, pools, scheduler: new JobScheduler({ ...parts, records, starter, logger, random: Math.random }) };
}

/** What holds the transfers of agent pools to their bandwidth limits. */
export interface PoolRateParts {
  /** By pool, for threads. */
  readonly shared: Readonly<Record<string, SharedArrayBuffer>>;
  /** Follows the limits until the signal aborts. Never throws. */
  run(signal: AbortSignal): Promise<void>;
}

export function createPoolRates(
  { database, limits, logger }: OperationsCore,
  agentPools: TransferGround['agentPools'],
): PoolRateParts {
  const pools = agentPools.filter((pool) => pool !== undefined);
  const memory = pools.map((pool) => [pool, new SharedArrayBuffer(ByteRate.SIZE_BYTES)] as const);
  const parts = { ...limits.storeCalls, clock: systemClock };
  const rates = new PoolRates({
    limits: new PoolLimits(database.resources, agentPoolCodec),
    rates: new Map(memory.map(([pool, shared]) => [pool, new ByteRate({ ...parts, shared })])),
    clock: systemClock,
    logger,
    intervalMs: limits.transferJobs.poolLimitIntervalMs,
  });
  return { shared: Object.fromEntries(memory), run: (signal) => rates.run(signal) };
}

export function createTransferWorker(
  { limits, logger }: OperationsCore,
  { places, agentPools, poolRates, activityLog, seal }: TransferGround,
): ThreadWorker<TransferRequest, TransferCheckpoint, TransferProgress> {
  const log = activityLog === undefined ? {} : { activityLog: { directory: activityLog, limits: limits.activityLog } };
  const environment: TransferThreadData = {
    limits: limits.transfers,
    stores: storeLimitsOf(limits),
    ...places,
    ...log,
    poolRates: poolRates.shared,
    s3Abilities: new SharedArrayBuffer(S3AbilityCache.SIZE_BYTES),
  };
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
      input: (task) => openedRequestOf(task, seal),
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

/** A thread is told the credentials of its own transfer, and of no other. */
async function openedRequestOf(task: Task, seal: CredentialsSeal): Promise<TransferRequest> {
  const request = transferRequestOf(task);
  const sealed = sealedCredentialsOf(task.request);
  if (sealed === undefined) return request;
  return { ...request, spec: { ...request.spec, credentials: await seal.open(sealed, task.name) } };
}

/** What threads open stores with: their share of all limits. */
function storeLimitsOf({ web, storeCalls, gcs, s3, azure, httpList, manifest }: StoreLimits): StoreLimits {
  return { web, storeCalls, gcs, s3, azure, httpList, manifest };
}

export function createJanitor({ database, limits, logger }: OperationsCore, places: TransferPlaces): StagingJanitor {
  const rounds = new JanitorRounds({
    ...places,
    stores: storeLimitsOf(limits),
    logger,
    roundMaxMs: limits.janitor.roundMaxMs,
  });
  return new StagingJanitor({
    journal: database.journal,
    changes: (signal) => database.operations.changes(signal),
    clean: (entries) => rounds.clean(entries),
    clock: systemClock,
    logger,
    limits: limits.janitor,
  });
}
