import { randomUUID } from 'node:crypto';
import { operationControlMethods } from './api/operation-control.ts';
import type { AnyMethod } from './api/method.ts';
import type { Clock } from './core/clock.ts';
import type { Logger } from './core/logger.ts';
import { nextTurn } from './core/next-turn.ts';
import { BULK_CANCEL_KIND } from './operations/control/bulk-cancel.ts';
import { BulkCancelHandler } from './operations/control/bulk-cancel-handler.ts';
import { BulkCancels } from './operations/control/bulk-cancels.ts';
import { Creator } from './operations/control/creator.ts';
import { Describer, OWNER_SESSION_PREFIX } from './operations/control/describer.ts';
import type { ControlLimits } from './operations/control/limits.ts';
import { Owners } from './operations/control/owners.ts';
import { PendingCancels } from './operations/control/pending-cancels.ts';
import type { ResponsePublisher } from './operations/control/response-publisher.ts';
import { RequestCanceller } from './operations/control/request-canceller.ts';
import type { CreateDefaults } from './operations/create.ts';
import type { Database } from './operations/database.ts';
import type { FilterLimits } from './operations/filter/parse-filter.ts';
import type { RetryPolicy } from './operations/lease.ts';
import type { Operations } from './operations/operations.ts';
import type { PageTokens } from './operations/page-token.ts';
import type { AnyResolver, OperationEncoder } from './operations/presenter.ts';
import type { SurfaceTable } from './operations/surface.ts';
import type { WatchLimits } from './operations/watch/limits.ts';
import { WatchHub } from './operations/watch/watch-hub.ts';
import type { WorkerDirectory } from './operations/worker-directory.ts';
import type { OperationsCore } from './operations-core.ts';
import { bulkCancelCodec } from './schema/bulk-cancel-codec.ts';
import { protoAnyResolver } from './schema/resolver.ts';
import { encodeWatchMessage } from './schema/watch-messages.ts';
import { LocalWorker } from './workers/local-worker.ts';

export interface OperationControlGround {
  readonly database: Database;
  readonly surfaces: SurfaceTable;
  readonly operations: Operations;
  readonly workers: WorkerDirectory;
  readonly encode: OperationEncoder;
  readonly resolver: AnyResolver;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly policy: RetryPolicy;
  readonly defaults: CreateDefaults & FilterLimits;
  /** Kinds that this process carries out for other APIs. */
  readonly reservedKinds: ReadonlySet<string>;
  /** What responses of owners are published as, by kind. */
  readonly publishers: ReadonlyMap<string, ResponsePublisher>;
  readonly limits: ControlLimits;
  readonly watchLimits: WatchLimits;
}

export interface OperationControl {
  readonly methods: readonly AnyMethod[];
  /** For this process itself: it may make operations of the kinds that callers are refused. */
  readonly creator: Creator;
  /** Tells watches of changes until the signal aborts; then they end. */
  run(signal: AbortSignal): Promise<void>;
}

/** Wires longrunning.control.v1.OperationControl. */
export function createOperationControl(ground: OperationControlGround): OperationControl {
  const { database, operations, surfaces, clock, policy, limits, defaults } = ground;
  const newSession = (): string => OWNER_SESSION_PREFIX + randomUUID();
  const pendingCancels = new PendingCancels(database, clock, limits);
  const watches = createWatchHub(ground);
  const newId = (): string => randomUUID();
  const creatorOf = (reservedKinds: ReadonlySet<string>): Creator =>
    new Creator({ ...ground, reservedKinds, pendingCancels, newSession, newId });
  const creator = creatorOf(ground.reservedKinds);
  const methods = operationControlMethods({
    operations,
    creator,
    owners: new Owners({ ...ground, newSession }),
    describer: new Describer({ ...ground, deathCountAlone: policy.deathCountAlone }),
    requestCanceller: new RequestCanceller({ database, operations, surfaces, pendingCancels }),
    watches,
    bulkCancels: new BulkCancels({ ...ground, creator, codec: bulkCancelCodec, newId, filterLimits: defaults }),
    clock,
    errorSizeMaxBytes: limits.errorSizeMaxBytes,
  });
  return { methods, creator: creatorOf(new Set([BULK_CANCEL_KIND])), run: (signal) => watches.run(signal) };
}

function createWatchHub(ground: OperationControlGround): WatchHub {
  return new WatchHub({
    ...ground,
    encode: encodeWatchMessage,
    nextTurn,
    epoch: randomUUID(),
    limits: ground.watchLimits,
    filterLimits: ground.defaults,
  });
}

/** Carries out what BulkCancel starts. */
export function createBulkCancelWorker({ database, operations, surfaces, limits }: OperationsCore): LocalWorker {
  const { handle } = new BulkCancelHandler({
    database,
    operations,
    surfaces,
    nextTurn,
    resolver: protoAnyResolver,
    codec: bulkCancelCodec,
    limits: limits.control,
    filterLimits: limits.operations,
    turnBytes: limits.operations.listTurnBytes,
  });
  const slotCount = limits.control.bulkCancelSlotCount;
  return new LocalWorker({ name: 'bulk-cancels', kinds: [BULK_CANCEL_KIND], slotCount, handler: handle });
}
