/**
 * Wires everything, starts it, and drains it: with the entries of threads the only file that knows everyone.
 *
 *   database ─► operations, leases ─► workers ─► transfers in threads
 *                    └─► api methods ─► gRPC;  the database's health ─► HTTP
 */
import type { Logger as Pino } from 'pino';
import { boundedLists } from './api/bounded-lists.ts';
import type { AnyMethod, UploadMethod } from './api/method.ts';
import { operationsMethods } from './api/operations.ts';
import { storageTransferMethods } from './api/storage-transfer.ts';
import { createChecks, type ChecksParts } from './checks-parts.ts';
import type { Config } from './config.ts';
import type { DatabaseSetting } from './config/settings.ts';
import { settlesWithin, unlessAborted } from './core/bounded-wait.ts';
import { systemClock } from './core/clock.ts';
import type { Logger } from './core/logger.ts';
import { StatusError } from './core/status-error.ts';
import { follow } from './following.ts';
import { routeGrpcLog } from './grpc/log.ts';
import { GrpcServer } from './grpc/server.ts';
import { apiRules } from './http/api-rules.ts';
import { createRoutes } from './http/routes.ts';
import { HttpServer } from './http/server.ts';
import { Transcoder } from './http/transcoder.ts';
import { UploadCalls } from './http/upload/upload-calls.ts';
import { createBulkCancelWorker, createOperationControl, type OperationControl } from './operation-control.ts';
import { createDispatcher, createOperationsCore } from './operations-core.ts';
import { createNotifications, type NotificationParts } from './notification-parts.ts';
import { openCredentialsSeal } from './open-credentials-seal.ts';
import { openSortFolder } from './open-sort-folder.ts';
import type { Database } from './operations/database.ts';
import { BULK_CANCEL_KIND } from './operations/control/bulk-cancel.ts';
import type { Operations } from './operations/operations.ts';
import { SURFACES, SurfaceTable } from './operations/surface.ts';
import { MemoryDatabase } from './repositories/memory-database.ts';
import { openSqliteDatabase } from './repositories/sqlite-database.ts';
import { protoAnyResolver } from './schema/resolver.ts';
import { presentTransfer } from './schema/transfer-presenter.ts';
import { resolvePosixRoots } from './stores/posix/roots.ts';
import type { SortFolder } from './stores/sort-folder/sort-folder.ts';
import { TRANSFER_OPERATION_KIND } from './transfers/jobs/transfer-job.ts';
import {
  createJanitor,
  createPoolRates,
  createTransferJobs,
  createTransferWorker,
  type PoolRateParts,
} from './transfer-parts.ts';
import type { JobScheduler } from './transfers/jobs/job-scheduler.ts';
import type { StagingJanitor } from './transfers/staging-janitor.ts';
import type { Dispatcher } from './workers/dispatcher.ts';

/** Where the sidecar listens, with real ports. */
export interface Addresses {
  readonly grpc: readonly string[];
  /** Undefined when it is off. */
  readonly http: string | undefined;
}

export interface Sidecar {
  readonly addresses: Addresses;
  /** Aborts when something is broken that only a new process mends. */
  readonly lost: AbortSignal;
  /**
   * Ends everything in order: unready at once, work handed back with its checkpoints while calls are answered, then waits
   * released, servers and database closed. Never takes much longer than `timeoutMs`; `forced` ends every patience.
   *
   * @returns operations and parts that would not stop: this process may not be able to exit by itself then.
   */
  drain(timeoutMs: number, forced: AbortSignal): Promise<{ readonly stuck: readonly string[] }>;
}

/** All that is built once; what has a lifetime is ended by drain. */
interface Parts {
  readonly database: Database;
  readonly operations: Operations;
  readonly control: OperationControl;
  readonly dispatcher: Dispatcher;
  readonly janitor: StagingJanitor;
  readonly scheduler: JobScheduler;
  readonly poolRates: PoolRateParts;
  readonly notifications: NotificationParts;
  readonly checks: ChecksParts;
  readonly sortFolder: SortFolder;
  readonly grpc: GrpcServer;
  readonly http: HttpServer;
  /** Kept of a drain for closing what is empty by then, milliseconds. */
  readonly closeMs: number;
}

/**
 * Starts a sidecar: it answers when this resolves.
 *
 * @throws StatusError naming what is in the way: a setting (reason INVALID_SETTING), the database, an address.
 */
export async function startSidecar(config: Config, log: Pino): Promise<Sidecar> {
  routeGrpcLog(log);
  const posixRoots = ofSettings(() => resolvePosixRoots(config.settings.posixRoots));
  const surfaces = ofSettings(() => new SurfaceTable([...SURFACES, ...config.surfaces]));
  const database = await openDatabase(config, log);
  let sortFolder: SortFolder | undefined;
  try {
    sortFolder = sortFolderOf(config, log);
    const parts = await createParts(config, { database, posixRoots, surfaces, sortFolder, log });
    const hints = new AbortController();
    const following = follow(
      {
        waits: (signal) => parts.operations.run(signal),
        watches: (signal) => parts.control.run(signal),
        janitor: (signal) => parts.janitor.run(signal),
        schedules: (signal) => parts.scheduler.run(signal),
        pools: (signal) => parts.poolRates.run(signal),
        notifications: (signal) => parts.notifications.run(signal),
        uploads: (signal) => parts.checks.run(signal),
      },
      hints.signal,
      log,
    );
    const addresses = await listen(config, parts).catch(async (error: unknown) => {
      hints.abort();
      await following.ended;
      throw error;
    });
    parts.dispatcher.start();
    parts.grpc.setServing(true);
    return {
      addresses,
      lost: AbortSignal.any([database.lost, following.failed]),
      drain: (timeoutMs, forced) => drain(parts, { timeoutMs, forced, hints, following: following.ended }),
    };
  } catch (error) {
    await sortFolder?.remove();
    await database.close();
    throw error;
  }
}

/** What is made from settings alone: what is wrong with it only a setting can mend. */
function ofSettings<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof StatusError)) throw cause;
    throw new StatusError(cause.code, cause.message, { reason: 'INVALID_SETTING', cause });
  }
}

function openDatabase({ settings, limits }: Config, logger: Logger): Promise<Database> {
  const setting: DatabaseSetting = settings.database;
  if (setting.kind === 'memory') return Promise.resolve(new MemoryDatabase(systemClock));
  return openSqliteDatabase({ path: setting.path, clock: systemClock, limits: limits.sqlite, logger });
}

function sortFolderOf({ settings: { sortDirectory, database } }: Config, log: Logger): SortFolder {
  return openSortFolder(
    { directory: sortDirectory, database: database.kind === 'sqlite' ? database.path : undefined },
    log,
  );
}

interface Ground {
  readonly database: Database;
  readonly posixRoots: readonly string[];
  readonly surfaces: SurfaceTable;
  readonly sortFolder: SortFolder;
  readonly log: Logger;
}

async function createParts(config: Config, ground: Ground): Promise<Parts> {
  const { settings, limits, topics, buckets, allowedHosts } = config;
  const { database, surfaces, posixRoots, sortFolder, log } = ground;
  const presenters = new Map([[TRANSFER_OPERATION_KIND, presentTransfer]]);
  const core = await createOperationsCore({ database, surfaces, presenters, limits, logger: log });
  const { operations } = core;
  const { agentPools, activityLog, credentialsKey } = settings;
  const seal = await openCredentialsSeal(credentialsKey, log);
  const poolRates = createPoolRates(core, agentPools);
  const places = { posixRoots, buckets, allowedHosts, sortDirectory: sortFolder.path };
  const transfers = { places, agentPools, poolRates, activityLog, seal };
  const { jobs, pools, scheduler } = createTransferJobs(core, transfers);
  const dispatcher = createDispatcher(core, [createTransferWorker(core, transfers), createBulkCancelWorker(core)]);
  const checks = createChecks(core, settings.uploads);
  const control = createOperationControl({
    ...core,
    publishers: checks.publishers,
    resolver: protoAnyResolver,
    clock: systemClock,
    workers: dispatcher,
    defaults: limits.operations,
    reservedKinds: new Set([TRANSFER_OPERATION_KIND, BULK_CANCEL_KIND, ...checks.publishers.keys()]),
    limits: limits.control,
    watchLimits: limits.watches,
  });
  const own = [
    ...operationsMethods(operations),
    ...storageTransferMethods({ jobs, pools, operations }),
    ...control.methods,
    ...checks.methods,
  ];
  const methods = boundedLists(own, limits.api);
  return {
    database,
    operations,
    control,
    dispatcher,
    janitor: createJanitor(core, transfers.places),
    scheduler,
    poolRates,
    notifications: createNotifications(core, topics),
    checks,
    sortFolder,
    grpc: new GrpcServer({ methods, limits: limits.grpc, log }),
    http: new HttpServer({
      check: () => database.check(),
      stalledLoops: () => dispatcher.stalledLoops(),
      transcoder: createTranscoder(config, { methods, uploads: checks.uploads }, log),
      limits: limits.http,
      log,
    }),
    closeMs: limits.drain.closeMs,
  };
}

interface Served {
  readonly methods: readonly AnyMethod[];
  readonly uploads: readonly UploadMethod[];
}

function createTranscoder({ limits, surfaces, cors }: Config, served: Served, log: Logger): Transcoder {
  const routes = ofSettings(() => createRoutes(served.methods, apiRules(surfaces)));
  const { protoJson: json, fields, http } = limits;
  const uploads = new UploadCalls({ methods: served.uploads, json, limits: limits.httpUploads });
  return new Transcoder({ routes, uploads, json, fields, limits: http, origins: new Set(cors), log });
}

async function listen({ settings }: Config, { grpc, http }: Parts): Promise<Addresses> {
  try {
    const bound: string[] = [];
    for (const address of settings.grpc) bound.push(await grpc.listen(address));
    return { grpc: bound, http: settings.http === undefined ? undefined : await http.listen(settings.http) };
  } catch (error) {
    await Promise.all([grpc.close(0), http.close(0)]);
    throw error;
  }
}

interface DrainParts {
  readonly timeoutMs: number;
  readonly forced: AbortSignal;
  readonly hints: AbortController;
  readonly following: Promise<void>;
}

async function drain(
  parts: Parts,
  { timeoutMs, forced, hints, following }: DrainParts,
): Promise<{ readonly stuck: readonly string[] }> {
  const { grpc, http, dispatcher, database, closeMs } = parts;
  grpc.setServing(false);
  http.drain();
  const { ignoredBy } = await unlessAborted(dispatcher.drain(Math.max(0, timeoutMs - closeMs)), forced, {
    ignoredBy: [],
  });
  hints.abort();
  const released = await settlesWithin(following, forced.aborted ? 0 : closeMs / 4, systemClock);
  const graceMs = forced.aborted ? 0 : closeMs / 4;
  await Promise.all([grpc.close(graceMs), http.close(graceMs)]);
  const ended = await settlesWithin(dispatcher.close(), closeMs / 2, systemClock);
  await settlesWithin(parts.sortFolder.remove(), closeMs / 2, systemClock);
  const closed = await settlesWithin(database.close(), closeMs / 2, systemClock);
  const late = Object.entries({ waits: released, workers: ended, database: closed }).filter(([, isOver]) => !isOver);
  return { stuck: [...late.map(([part]) => part), ...ignoredBy] };
}
