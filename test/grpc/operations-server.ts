import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { credentials, makeClientConstructor, Metadata, type ServiceError } from '@grpc/grpc-js';
import { silentLogger } from '../../src/core/logger.ts';
import type { Address } from '../../src/core/address.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Status } from '../../src/core/status-error.ts';
import { operationsMethods } from '../../src/api/operations.ts';
import type { Method } from '../../src/api/method.ts';
import { DEFAULT_GRPC_LIMITS, type GrpcLimits } from '../../src/grpc/limits.ts';
import { GrpcServer } from '../../src/grpc/server.ts';
import { encoding } from '../../src/operations/encoding.ts';
import { DEFAULT_OPERATIONS_LIMITS } from '../../src/operations/limits.ts';
import { Operations, type OperationsLimits } from '../../src/operations/operations.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { PageTokens } from '../../src/operations/page-token.ts';
import { SurfaceTable } from '../../src/operations/surface.ts';
import { end } from '../../src/operations/transitions.ts';
import { EMPTY } from '../../src/core/any.ts';
import { openMemoryDatabase } from '../../src/repositories/memory-database.ts';
import { createOperationEncoder } from '../../src/schema/operation-encoder.ts';
import { findService } from '../../src/schema/protos.ts';
import { protoAnyResolver } from '../../src/schema/resolver.ts';
import { decodeStatus } from '../../src/schema/status.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { sampleOperation } from '../operations/sample-operation.ts';

export const OPERATIONS = 'google.longrunning.Operations';
export const LOOPBACK: Address = { host: '127.0.0.1', port: 0 };

/** The real Operations over a database in memory. */
export function memoryOperations(limits: Partial<OperationsLimits> = {}) {
  const database = openMemoryDatabase({ clock: systemClock });
  const surfaces = new SurfaceTable();
  const encode = createOperationEncoder(new Map(), (surface) => surfaces.byId(surface).domain);
  const stopping = new AbortController();
  const operations = new Operations({
    logger: silentLogger,
    database,
    surfaces,
    encode,
    resolver: protoAnyResolver,
    pageTokens: new PageTokens(randomBytes(32), 60_000),
    interrupter: { interrupt: () => {} },
    clock: systemClock,
    nextTurn: () => nextTurn(),
    limits: { ...DEFAULT_OPERATIONS_LIMITS, ...limits },
  });
  const running = operations.run(stopping.signal);
  return {
    operations,
    /** Adds a record as it is. */
    add: async (changes: Partial<Operation>): Promise<Operation> => {
      const operation = sampleOperation({ createTimeMs: Date.now(), ...changes });
      return (await database.operations.insert({ ...operation, encoded: encode(operation) })).operation;
    },
    /** Ends one as its worker would. */
    succeed: (name: string): Promise<Operation> =>
      database.operations.update(
        name,
        encoding((operation, now) => end(operation, now, 'SUCCEEDED', { response: EMPTY }), encode),
      ),
    get: (name: string) => database.operations.get(name),
    /** Lets go of every wait, as a drain does. */
    release: async (): Promise<void> => {
      stopping.abort();
      await running;
    },
  };
}

export interface Reply {
  readonly message: Record<string, unknown>;
  readonly trailer: Metadata;
}

/** A stock client: calls reply, or reject with grpc-js' ServiceError. */
export class Caller {
  readonly #client: InstanceType<ReturnType<typeof makeClientConstructor>>;

  constructor(address: string, service = OPERATIONS) {
    const Client = makeClientConstructor(findService(service) ?? {}, service);
    this.#client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  }

  /** The reply's message. */
  async call(rpc: string, request: object, options: { readonly deadline?: number } = {}): Promise<Reply['message']> {
    return (await this.start(rpc, request, options).reply).message;
  }

  start(
    rpc: string,
    request: object,
    options: { readonly deadline?: number } = {},
  ): { cancel(): void; reply: Promise<Reply> } {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    let trailer = new Metadata();
    const { path, requestSerialize, responseDeserialize } = this.#definition(rpc);
    const call = this.#client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      options,
      (error, message) => {
        // The status event comes after the callback.
        setImmediate(() => {
          if (error === null) resolve({ message: message as Reply['message'], trailer });
          else reject(error);
        });
      },
    );
    call.on('status', (status) => (trailer = status.metadata));
    return { cancel: () => call.cancel(), reply: promise };
  }

  /** Sends bytes, and gives those that come back. */
  raw(path: string, bytes: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        (value: Buffer) => value,
        (value) => value,
        bytes,
        (error, reply) => {
          if (error === null) resolve(reply ?? Buffer.alloc(0));
          else reject(error);
        },
      );
    });
  }

  /** An empty request with metadata. */
  withMetadata(rpc: string, entries: Readonly<Record<string, string>>): Promise<unknown> {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
    const { path, requestSerialize, responseDeserialize } = this.#definition(rpc);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, metadata, (error, reply) => {
        if (error === null) resolve(reply);
        else reject(error);
      });
    });
  }

  close(): void {
    this.#client.close();
  }

  #definition(rpc: string) {
    const definition = Object.values(
      (this.#client.constructor as ReturnType<typeof makeClientConstructor>).service,
    ).find(({ path }) => path.endsWith(`/${rpc}`));
    if (definition === undefined) throw new Error(`there is no ${rpc}`);
    return definition;
  }
}

/** The google.rpc.Status that came with a failed call. */
export async function refusal(call: Promise<unknown>): Promise<Status> {
  const error = await call.then(
    () => {
      throw new Error('the call was to fail');
    },
    (caught: unknown) => caught as ServiceError,
  );
  const [details] = error.metadata.get('grpc-status-details-bin');
  if (!(details instanceof Uint8Array)) throw error;
  const status = decodeStatus(details);
  if (status.code !== (error.code as number) || status.message !== error.details)
    throw new Error('the trailers contradict each other');
  return status;
}

/** A server with real Operations, and a client of it; `close` ends both. */
export async function startOperations(
  options: {
    readonly limits?: Partial<OperationsLimits>;
    readonly grpcLimits?: Partial<GrpcLimits>;
    readonly address?: Address;
    readonly methods?: readonly Method[];
  } = {},
) {
  const memory = memoryOperations(options.limits);
  const log = new RecordingLogger();
  const server = new GrpcServer({
    methods: options.methods ?? operationsMethods(memory.operations),
    limits: { ...DEFAULT_GRPC_LIMITS, ...options.grpcLimits },
    log,
  });
  const address = await server.listen(options.address ?? LOOPBACK).catch(async (error: unknown) => {
    await memory.release();
    throw error;
  });
  const caller = new Caller(address);
  return {
    ...memory,
    server,
    address,
    caller,
    log,
    close: async (): Promise<void> => {
      caller.close();
      await memory.release();
      await server.close(0);
    },
  };
}

/** Resolves when the condition holds; for what happens in another turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}
