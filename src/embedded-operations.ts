import { randomUUID } from 'node:crypto';
import { operationsMethods } from './api/operations.ts';
import { DEFAULT_LIMITS } from './config/limits.ts';
import type { Any } from './core/any.ts';
import { silentLogger, type Logger } from './core/logger.ts';
import { grpcService, type GrpcService } from './grpc/service.ts';
import type { CreateOperation } from './operations/create.ts';
import type { Database } from './operations/database.ts';
import type { Operation } from './operations/operation.ts';
import type { Operations } from './operations/operations.ts';
import { createDispatcher, createOperationsCore, type OperationsCore } from './operations-core.ts';
import type { Presenter } from './operations/presenter.ts';
import { SURFACES, SurfaceTable, type Surface } from './operations/surface.ts';
import type { TaskHandler } from './operations/task.ts';
import { decodeMessage } from './schema/protos.ts';
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

/** An operation to be made: on the surface `longrunning`, under a name with a UUID, unless it says otherwise. */
export type NewOperation = Pick<CreateOperation, 'kind' | 'request'> &
  Partial<Omit<CreateOperation, 'owner' | 'parent'>>;

/** What is used of a server of grpc-js, whichever copy of it the embedding project has. */
interface GrpcServer {
  addService(definition: GrpcService['definition'], implementation: GrpcService['implementation']): void;
}

const SLOT_COUNT = 10;

/**
 * google.longrunning.Operations, and workers that carry them out, within somebody else's process and server.
 *
 * `embed` starts it; it claims work from then on, also what an earlier process left. `drain` ends it.
 */
export class EmbeddedOperations {
  /** What clients do to operations: get, list, wait, cancel, delete. */
  readonly operations: Operations;
  readonly #database: Database;
  readonly #dispatcher: Dispatcher;
  readonly #logger: Logger;
  readonly #hints = new AbortController();
  readonly #following: Promise<void>;

  constructor(core: OperationsCore, handlers: EmbedOptions['handlers'], slotCount: number) {
    this.operations = core.operations;
    this.#database = core.database;
    this.#logger = core.logger;
    const workers = Object.entries(handlers).map(
      ([kind, handler]) => new LocalWorker({ name: kind, kinds: [kind], slotCount, handler }),
    );
    this.#dispatcher = createDispatcher(core, workers);
    this.#following = this.operations.run(this.#hints.signal);
    this.#dispatcher.start();
  }

  /** Adds google.longrunning.Operations to a server of grpc-js. */
  addTo(server: GrpcServer): void {
    const service = grpcService('google.longrunning.Operations', operationsMethods(this.operations), this.#logger);
    server.addService(service.definition, service.implementation);
  }

  /**
   * Makes an operation; durable when it resolves.
   *
   * @returns it as the message google.longrunning.Operation, to be answered with: a plain object as proto-loader takes.
   * @throws StatusError as Operations.create.
   */
  async create(operation: NewOperation): Promise<object> {
    const created = await this.operations.create({
      name: `operations/${randomUUID()}`,
      surface: 'longrunning',
      collection: 'operations',
      ...operation,
    });
    return messageOf(created.operation);
  }

  /**
   * Hands running work back with its checkpoints, answers parked waits, and closes the database. Call it before the server's end: Get,
   * Wait and Cancel are answered meanwhile.
   *
   * @param timeoutMs  how long handlers have to stop, milliseconds.
   * @returns operations whose handlers did not.
   */
  async drain(timeoutMs: number): Promise<readonly string[]> {
    const { ignoredBy } = await this.#dispatcher.drain(timeoutMs);
    this.#hints.abort();
    await this.#following;
    await this.#dispatcher.close();
    await this.#database.close();
    return ignoredBy;
  }
}

/** Starts operations within this process. */
export async function embed(options: EmbedOptions): Promise<EmbeddedOperations> {
  const { database, handlers, slotCount = SLOT_COUNT, presenters = {}, logger = silentLogger } = options;
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
