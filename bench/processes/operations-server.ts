import { randomBytes, randomUUID } from 'node:crypto';
import { silentLogger } from '../../src/core/logger.ts';
import { operationsMethods } from '../../src/api/operations.ts';
import { DEFAULT_LIMITS } from '../../src/config/limits.ts';
import { EMPTY } from '../../src/core/any.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import { GrpcServer } from '../../src/grpc/server.ts';
import type { Database } from '../../src/operations/database.ts';
import { Leases } from '../../src/operations/leases.ts';
import { Operations } from '../../src/operations/operations.ts';
import { PageTokens } from '../../src/operations/page-token.ts';
import type { OperationEncoder } from '../../src/operations/presenter.ts';
import { SurfaceTable } from '../../src/operations/surface.ts';
import { openMemoryDatabase } from '../../src/repositories/memory-database.ts';
import { openSqliteDatabase } from '../../src/repositories/sqlite-database.ts';
import { createOperationEncoder } from '../../src/schema/operation-encoder.ts';
import { protoAnyResolver } from '../../src/schema/resolver.ts';
import { Dispatcher } from '../../src/workers/dispatcher.ts';
import { WorkerRegistry } from '../../src/workers/registry.ts';
import type { Worker } from '../../src/workers/worker.ts';

export interface OperationsServerOptions {
  /** The SQLite file; in memory when it is left out. */
  readonly databasePath?: string;
  readonly workers?: readonly Worker[];
}

/** A running sidecar in this process, but for transfers: wired as sidecar.ts does, with workers of the benchmark's own. */
export interface OperationsServer {
  /** Of gRPC. */
  readonly address: string;
  readonly database: Database;
  readonly operations: Operations;
  readonly encode: OperationEncoder;
}

/** Debug lines are dropped, as the sidecar's log does; anything worse would be a defect, and is told. */
export const BENCH_LOG: Logger = {
  debug: () => {},
  info: () => {},
  warn: (fields, message) => console.error(message, fields),
  error: (fields, message) => console.error(message, fields),
};

export async function startOperationsServer({
  databasePath,
  workers = [],
}: OperationsServerOptions): Promise<OperationsServer> {
  const limits = DEFAULT_LIMITS;
  const database =
    databasePath === undefined
      ? openMemoryDatabase({ clock: systemClock })
      : await openSqliteDatabase({ path: databasePath, clock: systemClock, limits: limits.sqlite });
  const surfaces = new SurfaceTable();
  const encode = createOperationEncoder(new Map(), (id) => surfaces.byId(id).domain);
  const registry = new WorkerRegistry();
  const operations = new Operations({
    logger: silentLogger,
    database,
    surfaces,
    encode,
    pageTokens: new PageTokens(randomBytes(32), limits.operations.pageTokenLifetimeMs),
    resolver: protoAnyResolver,
    interrupter: registry,
    clock: systemClock,
    nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
    limits: limits.operations,
  });
  const dispatcher = new Dispatcher({
    database,
    leases: new Leases({
      database,
      encode,
      policy: { ...limits.retry, random: Math.random },
      leaseDurationMs: limits.workers.leaseDurationMs,
    }),
    registry,
    workers,
    clock: systemClock,
    logger: BENCH_LOG,
    limits: limits.workers,
    random: Math.random,
    newSessionId: () => randomUUID(),
  });
  const grpc = new GrpcServer({ methods: operationsMethods(operations), limits: limits.grpc, log: BENCH_LOG });
  void operations.run(new AbortController().signal);
  const address = await grpc.listen({ host: '127.0.0.1', port: 0 });
  dispatcher.start();
  grpc.setServing(true);
  return { address, database, operations, encode };
}

/** Queues an operation on the first surface, for whichever worker takes this kind. */
export async function queueOperation({ operations }: OperationsServer, name: string, kind: string): Promise<void> {
  await operations.create({ name, surface: 'longrunning', collection: '', kind, request: EMPTY });
}
