import { randomUUID } from 'node:crypto';
import type { Limits } from './config/limits.ts';
import { systemClock } from './core/clock.ts';
import type { Logger } from './core/logger.ts';
import { nextTurn } from './core/next-turn.ts';
import { boundedEncoder } from './operations/bounded-encoder.ts';
import type { Database } from './operations/database.ts';
import type { RetryPolicy } from './operations/lease.ts';
import { Leases } from './operations/leases.ts';
import { Operations } from './operations/operations.ts';
import { PageTokens } from './operations/page-token.ts';
import type { OperationEncoder, Presenter } from './operations/presenter.ts';
import type { SurfaceTable } from './operations/surface.ts';
import { createOperationEncoder } from './schema/operation-encoder.ts';
import { protoAnyResolver } from './schema/resolver.ts';
import { Dispatcher } from './workers/dispatcher.ts';
import { WorkerRegistry } from './workers/registry.ts';
import type { Worker } from './workers/worker.ts';

/** What operations stand on, in a sidecar and in somebody else's process. */
export interface OperationsGround {
  readonly database: Database;
  readonly surfaces: SurfaceTable;
  /** What clients see in `metadata`, by kind. */
  readonly presenters: ReadonlyMap<string, Presenter>;
  readonly limits: Limits;
  readonly logger: Logger;
}

/** Operations, and what workers of theirs are made from. */
export interface OperationsCore extends OperationsGround {
  readonly operations: Operations;
  readonly pageTokens: PageTokens;
  readonly encode: OperationEncoder;
  readonly policy: RetryPolicy;
  readonly registry: WorkerRegistry;
}

/** @throws StatusError when the database cannot keep the key of the page tokens. */
export async function createOperationsCore(ground: OperationsGround): Promise<OperationsCore> {
  const { database, surfaces, presenters, limits, logger } = ground;
  const encode = boundedEncoder(
    createOperationEncoder(presenters, (id) => surfaces.byId(id).domain),
    limits.operations.operationBytesMax,
  );
  const pageTokens = new PageTokens(await database.secret('page-tokens'), limits.operations.pageTokenLifetimeMs);
  const registry = new WorkerRegistry();
  const operations = new Operations({
    database,
    surfaces,
    encode,
    pageTokens,
    resolver: protoAnyResolver,
    interrupter: registry,
    clock: systemClock,
    nextTurn,
    logger,
    limits: limits.operations,
  });
  const policy = { ...limits.retry, random: Math.random };
  return { ...ground, operations, pageTokens, encode, policy, registry };
}

/** Hands operations to workers of this process, once it is started. */
export function createDispatcher(core: OperationsCore, workers: readonly Worker[]): Dispatcher {
  const { database, encode, policy, registry, limits, logger } = core;
  return new Dispatcher({
    database,
    leases: new Leases({ database, encode, policy, leaseDurationMs: limits.workers.leaseDurationMs }),
    registry,
    workers,
    clock: systemClock,
    logger,
    limits: limits.workers,
    random: Math.random,
    newSessionId: () => randomUUID(),
  });
}
