import { randomUUID } from 'node:crypto';
import { operationControlMethods } from './api/operation-control.ts';
import type { Method } from './api/method.ts';
import type { Clock } from './core/clock.ts';
import { Creator } from './operations/control/creator.ts';
import { Describer, OWNER_SESSION_PREFIX } from './operations/control/describer.ts';
import type { ControlLimits } from './operations/control/limits.ts';
import { Owners } from './operations/control/owners.ts';
import { PendingCancels } from './operations/control/pending-cancels.ts';
import { RequestCanceller } from './operations/control/request-canceller.ts';
import type { CreateDefaults } from './operations/create.ts';
import type { Database } from './operations/database.ts';
import type { RetryPolicy } from './operations/lease.ts';
import type { Operations } from './operations/operations.ts';
import type { PageTokens } from './operations/page-token.ts';
import type { AnyResolver, OperationEncoder } from './operations/presenter.ts';
import type { SurfaceTable } from './operations/surface.ts';
import type { WorkerDirectory } from './operations/worker-directory.ts';

export interface OperationControlGround {
  readonly database: Database;
  readonly surfaces: SurfaceTable;
  readonly operations: Operations;
  readonly workers: WorkerDirectory;
  readonly encode: OperationEncoder;
  readonly resolver: AnyResolver;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly policy: RetryPolicy;
  readonly defaults: CreateDefaults;
  /** Kinds that this process carries out for other APIs. */
  readonly reservedKinds: ReadonlySet<string>;
  readonly limits: ControlLimits;
}

/** Wires longrunning.control.v1.OperationControl. */
export function createOperationControl(ground: OperationControlGround): readonly Method[] {
  const { database, operations, surfaces, clock, policy, limits } = ground;
  const newSession = (): string => OWNER_SESSION_PREFIX + randomUUID();
  const pendingCancels = new PendingCancels(database, clock, limits);
  return operationControlMethods({
    operations,
    creator: new Creator({ ...ground, pendingCancels, newSession, newId: () => randomUUID() }),
    owners: new Owners({ ...ground, newSession }),
    describer: new Describer({ ...ground, deathCountAlone: policy.deathCountAlone }),
    requestCanceller: new RequestCanceller({ database, operations, surfaces, pendingCancels }),
    clock,
    errorSizeMaxBytes: limits.errorSizeMaxBytes,
  });
}
