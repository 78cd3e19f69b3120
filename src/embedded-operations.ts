import { boundedLists } from './api/bounded-lists.ts';
import type { AnyMethod } from './api/method.ts';
import { operationsMethods } from './api/operations.ts';
import { DEFAULT_LIMITS } from './config/limits.ts';
import type { Any } from './core/any.ts';
import { systemClock } from './core/clock.ts';
import { silentLogger, type Logger } from './core/logger.ts';
import { invalidArgument } from './core/status-error.ts';
import { follow, type Following } from './following.ts';
import { grpcService, type GrpcService } from './grpc/service.ts';
import { createBulkCancelWorker, createOperationControl, type OperationControl } from './operation-control.ts';
import { BULK_CANCEL_KIND } from './operations/control/bulk-cancel.ts';
import type { CreateRequest } from './operations/control/create-request.ts';
import type { Database } from './operations/database.ts';
import type { Operation } from './operations/operation.ts';
import type { Operations } from './operations/operations.ts';
import { createDispatcher, createOperationsCore, type OperationsCore } from './operations-core.ts';
import type { Presenter } from './operations/presenter.ts';
import { SURFACES, SurfaceTable, type Surface } from './operations/surface.ts';
import type { TaskHandler } from './operations/task.ts';
import { decodeMessage } from './schema/protos.ts';
import { protoAnyResolver } from './schema/resolver.ts';
import type { Dispatcher } from './workers/dispatcher.ts';
import { LocalWorker } from './workers/local-worker.ts';

/** What an embedding process decides; all but the database and the handlers has a default. */
export interface EmbedOptions {
  /** Home of the operations; `drain` closes it. */
  readonly database: Database;
  /** Who carries out the operations of which kind, in this process. */
  readonly handlers: Readonly<Record<string, TaskHandler>>;
  /** Attempts of one kind at a time, from 1. */
  readonly slotCount?: number;
  /** Name spaces beside those that are built in. */
  readonly surfaces?: readonly Surface[];
  /** What clients see in `metadata`, by kind; what the handler reported unless given. */
  readonly presenters?: Readonly<Record<string, Presenter>>;
  /** Nobody is told unless given. pino's loggers are ones. */
  readonly logger?: Logger;
}

/** An operation to be made: in the collection `operations`, under a name with a UUID, unless it says otherwise. */
export type NewOperation = Omit<CreateRequest, 'hold' | 'kind'> & { readonly kind: string };

/** What an embedding server can serve. */
const EMBEDDED_SERVICES = ['google.longrunning.Operations', 'longrunning.control.v1.OperationControl'] as const;

export type EmbeddedService = (typeof EMBEDDED_SERVICES)[number];

/** What is used of a server of grpc-js, whichever copy of it the embedding project has. */
interface GrpcServer {
  addService(definition: GrpcService['definition'], implementation: GrpcService['implementation']): void;
}

const SLOT_COUNT = 10;

/**
 * google.longrunning.Operations and longrunning.control.v1.OperationControl, and workers that carry operations out, within somebody
 * else's process and server.
 *
 * `embed` starts it; it claims work from then on, also what an earlier process left. `drain` ends it.
 */
export class EmbeddedOperations {
  /** What clients do to operations: get, list, wait, cancel, delete. */
  readonly operations: Operations;
  /** Aborts when something is broken that only a new process mends. */
  readonly lost: AbortSignal;
  readonly #control: OperationControl;
  readonly #methods: readonly AnyMethod[];
  readonly #database: Database;
  readonly #dispatcher: Dispatcher;
  readonly #logger: Logger;
  readonly #hints = new AbortController();
  readonly #following: Following;

  constructor(core: OperationsCore, handlers: EmbedOptions['handlers'], slotCount: number) {
    this.operations = core.operations;
    this.#database = core.database;
    this.#logger = core.logger;
    const workers = Object.entries(handlers).map(
      ([kind, handler]) => new LocalWorker({ name: kind, kinds: [kind], slotCount, handler }),
    );
    this.#dispatcher = createDispatcher(core, [...workers, createBulkCancelWorker(core)]);
    this.#control = createOperationControl({
      ...core,
      resolver: protoAnyResolver,
      clock: systemClock,
      workers: this.#dispatcher,
      defaults: core.limits.operations,
      // What a handler is given was checked by the RPC of this server that made the operation.
      reservedKinds: new Set([...Object.keys(handlers), BULK_CANCEL_KIND]),
      publishers: new Map(),
      limits: core.limits.control,
      watchLimits: core.limits.watches,
    });
    this.#methods = boundedLists([...operationsMethods(this.operations), ...this.#control.methods], core.limits.api);
    this.#following = follow(
      {
        operations: (signal) => this.operations.run(signal),
        control: (signal) => this.#control.run(signal),
      },
      this.#hints.signal,
      core.logger,
    );
    this.lost = AbortSignal.any([core.database.lost, this.#following.failed]);
    this.#dispatcher.start();
  }

  /**
   * Adds the services to a server of grpc-js; who may call them is for that server to decide.
   *
   * Kinds that have a handler here are refused (KIND_RESERVED) to callers of CreateOperation.
   * @param services  those that are wanted; both unless given.
   */
  addTo(server: GrpcServer, services: readonly EmbeddedService[] = EMBEDDED_SERVICES): void {
    for (const name of services) {
      const { definition, implementation } = grpcService(name, this.#methods, this.#logger);
      server.addService(definition, implementation);
    }
  }

  /**
   * Makes an operation; durable when it resolves.
   *
   * @returns it as the message google.longrunning.Operation, to be answered with: a plain object as proto-loader takes.
   * @throws StatusError as OperationControl.CreateOperation: INVALID_ARGUMENT, ABORTED for an exclusive key that is held, …
   */
  async create(operation: NewOperation): Promise<object> {
    const created = await this.#control.creator.create(operation);
    return messageOf(created.operation);
  }

  /**
   * Hands running work back with its checkpoints, answers parked waits, ends watches, and closes the database. Call it before the server's
   * end: Get, Wait and Cancel are answered meanwhile.
   *
   * @param timeoutMs  how long handlers have to stop, milliseconds.
   * @returns operations whose handlers did not.
   */
  async drain(timeoutMs: number): Promise<readonly string[]> {
    const { ignoredBy } = await this.#dispatcher.drain(timeoutMs);
    this.#hints.abort();
    await this.#following.ended;
    await this.#dispatcher.close();
    await this.#database.close();
    return ignoredBy;
  }
}

/** Starts operations within this process. @throws StatusError INVALID_ARGUMENT for a handler of a kind that is carried out here already. */
export async function embed(options: EmbedOptions): Promise<EmbeddedOperations> {
  const { database, handlers, slotCount = SLOT_COUNT, presenters = {}, logger = silentLogger } = options;
  if (BULK_CANCEL_KIND in handlers) throw invalidArgument('handlers', `${BULK_CANCEL_KIND} has a handler of its own`);
  const core = await createOperationsCore({
    database,
    surfaces: new SurfaceTable([...SURFACES, ...(options.surfaces ?? [])]),
    presenters: new Map(Object.entries(presenters)),
    limits: DEFAULT_LIMITS,
    logger,
  });
  return new EmbeddedOperations(core, handlers, slotCount);
}

/** A record as the message google.longrunning.Operation: a plain object as proto-loader takes. */
export function messageOf(operation: Operation): object {
  return decodeMessage('google.longrunning.Operation', operation.encoded);
}

/** An Any of the bytes of a message. @param type  its full name, such as `acme.reports.v1.Report`. */
export function anyOf(type: string, value: Uint8Array): Any {
  return { typeUrl: `type.googleapis.com/${type}`, value };
}
