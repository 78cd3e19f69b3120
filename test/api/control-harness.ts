import { createOperationControl, type OperationControl } from '../../src/operation-control.ts';
import type { AnyMethod, CallContext } from '../../src/api/method.ts';
import { boundedEncoder } from '../../src/operations/bounded-encoder.ts';
import { BulkCancelHandler } from '../../src/operations/control/bulk-cancel-handler.ts';
import { DEFAULT_CONTROL_LIMITS, type ControlLimits } from '../../src/operations/control/limits.ts';
import { DEFAULT_OPERATIONS_LIMITS } from '../../src/operations/limits.ts';
import type { ResponsePublisher } from '../../src/operations/control/response-publisher.ts';
import type { RetryPolicy } from '../../src/operations/lease.ts';
import { Leases } from '../../src/operations/leases.ts';
import { Operations } from '../../src/operations/operations.ts';
import { PageTokens } from '../../src/operations/page-token.ts';
import { SurfaceTable } from '../../src/operations/surface.ts';
import type { TimerLimits } from '../../src/operations/timer-round.ts';
import type { WorkerStatus } from '../../src/operations/worker-directory.ts';
import { DEFAULT_WORKER_LIMITS } from '../../src/workers/limits.ts';
import { openMemoryDatabase } from '../../src/repositories/memory-database.ts';
import { bulkCancelCodec } from '../../src/schema/bulk-cancel-codec.ts';
import { createOperationEncoder } from '../../src/schema/operation-encoder.ts';
import { decodeMessage, encodeMessage, findService, type Message } from '../../src/schema/protos.ts';
import { protoAnyResolver } from '../../src/schema/resolver.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { DEFAULT_WATCH_LIMITS, type WatchLimits } from '../../src/operations/watch/limits.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const SERVICE = 'longrunning.control.v1.OperationControl';

const POLICY: RetryPolicy = {
  failureBackoff: { initialMs: 1_000, maxMs: 60_000 },
  deathBackoff: { initialMs: 1_000, maxMs: 30_000 },
  deathCountAlone: 3,
  deathCountMax: 100,
  random: () => 0.5,
};

/** A client that the transport cannot tell from others. */
export const NOBODY = '';

/** An answer, decoded; members that tests look at. */
export type Reply = Message & {
  readonly operation?: Message & { readonly name: string };
  readonly name: string;
};

/** A message of a watch, decoded. */
export interface WatchReply {
  readonly cursor?: string;
  readonly event: 'changed' | 'removed' | 'reset' | 'synced' | 'heartbeat';
  readonly changed?: { readonly operation: { readonly name: string; readonly done?: boolean }; readonly state: string };
  readonly removed?: { readonly name: string; readonly cause: string; readonly last?: { readonly state: string } };
}

/** OperationControl over a database in memory and a fake clock. Messages go through their wire form both ways. */
export class ControlHarness {
  readonly clock = new FakeClock();
  readonly memory = openMemoryDatabase({ clock: this.clock });
  readonly logger = new RecordingLogger();
  /** Operations that the process was asked to interrupt. */
  readonly interrupted: string[] = [];
  /** What the process says of its workers. */
  workers: readonly WorkerStatus[] = [];
  /** What responses are published as, by kind. */
  readonly publishers = new Map<string, ResponsePublisher>();
  readonly operations: Operations;
  readonly leases: Leases;
  readonly bulkCancels: BulkCancelHandler;
  /** Turns of the event loop that bulk cancels were spread over. */
  turnCount = 0;
  readonly #timers: (signal: AbortSignal) => Promise<void>;
  readonly #control: OperationControl;
  readonly #stop = new AbortController();
  /** Resolves when the watches have ended. */
  readonly stopped: Promise<void>;

  constructor(limits: Partial<ControlLimits & TimerLimits & WatchLimits> = {}) {
    const database = this.memory;
    const { clock, logger } = this;
    const surfaces = new SurfaceTable();
    const encode = boundedEncoder(
      createOperationEncoder(new Map(), (id) => surfaces.byId(id).domain),
      DEFAULT_OPERATIONS_LIMITS.operationBytesMax,
    );
    const interrupter = { interrupt: ({ name }: { readonly name: string }) => void this.interrupted.push(name) };
    const pageTokens = new PageTokens(new Uint8Array(32), 1_000_000);
    const defaults = DEFAULT_OPERATIONS_LIMITS;
    const controlLimits = { ...DEFAULT_CONTROL_LIMITS, ...limits };
    this.operations = new Operations({
      ...{ database, surfaces, encode, pageTokens, interrupter, clock, logger, limits: defaults },
      resolver: protoAnyResolver,
      nextTurn: () => Promise.resolve(),
    });
    this.leases = new Leases({ database, encode, policy: POLICY, leaseDurationMs: 10_000 });
    const timerLimits = { ...DEFAULT_WORKER_LIMITS, ...limits };
    this.#timers = (signal) => this.leases.runTimers({ interrupter, clock, logger, limits: timerLimits }, signal);
    this.bulkCancels = new BulkCancelHandler({
      ...{ database, surfaces, operations: this.operations, limits: controlLimits, filterLimits: defaults },
      resolver: protoAnyResolver,
      codec: bulkCancelCodec,
      turnBytes: defaults.listTurnBytes,
      nextTurn: () => {
        this.turnCount += 1;
        return Promise.resolve();
      },
    });
    this.#control = createOperationControl({
      ...{ database, surfaces, encode, pageTokens, clock, defaults, policy: POLICY, limits: controlLimits },
      operations: this.operations,
      workers: { workers: () => this.workers },
      resolver: protoAnyResolver,
      reservedKinds: new Set(['reserved.kind']),
      publishers: this.publishers,
      logger,
      watchLimits: { ...DEFAULT_WATCH_LIMITS, ...limits },
    });
    this.stopped = this.#control.run(this.#stop.signal);
  }

  /** What a server serves. */
  get methods(): readonly AnyMethod[] {
    return this.#control.methods;
  }

  /** One call. */
  async call(rpc: string, request: object, actor = 'test'): Promise<Reply> {
    const types = findService(SERVICE)?.[rpc];
    const method = this.#control.methods.find((candidate) => candidate.rpc === rpc);
    if (types === undefined || method === undefined || !('handle' in method)) throw new Error(`there is no ${rpc}`);
    const context: CallContext = {
      signal: new AbortController().signal,
      actor,
      setTrailer: () => undefined,
      cutOff: () => undefined,
      whenAnswered: () => undefined,
    };
    const decoded = types.requestDeserialize(types.requestSerialize(request));
    const reply = await method.handle(decoded as never, context);
    return types.responseDeserialize(
      reply instanceof Uint8Array ? Buffer.from(reply) : types.responseSerialize(reply),
    ) as unknown as Reply;
  }

  /** The messages of a watch, decoded. */
  async *watch(request: object, signal = new AbortController().signal, client = 'test'): AsyncGenerator<WatchReply> {
    const types = findService(SERVICE)?.['WatchOperations'];
    const method = this.#control.methods.find((candidate) => candidate.rpc === 'WatchOperations');
    if (types === undefined || method === undefined || !('stream' in method)) throw new Error('there is no watch');
    const known = client === NOBODY ? {} : { client };
    const context: CallContext = {
      signal,
      actor: client,
      ...known,
      setTrailer: () => undefined,
      cutOff: () => undefined,
      whenAnswered: () => undefined,
    };
    for await (const message of method.stream(
      types.requestDeserialize(types.requestSerialize(request)) as never,
      context,
    )) {
      yield types.responseDeserialize(Buffer.from(message as Uint8Array)) as unknown as WatchReply;
    }
  }

  /** Ends every watch, as a drain does. */
  stop(): void {
    this.#stop.abort();
  }

  /** Creates an operation. @returns its name. */
  async create(request: object = {}): Promise<string> {
    return (await this.call('CreateOperation', { kind: 'work', ...request })).operation?.name ?? '';
  }

  /** What a process does every so often: sessions that are over, timers that are due. */
  async sweep(): Promise<void> {
    await this.leases.expireSessions(100, false);
    await this.#timers(new AbortController().signal);
  }

  /** @returns what GetOperation shows. */
  async get(name: string): Promise<Message> {
    return decodeMessage('google.longrunning.Operation', (await this.operations.get(name)).encoded);
  }

  async stateOf(name: string): Promise<string | undefined> {
    return (await this.memory.operations.get(name))?.state;
  }
}

/** An Any of a type that the server knows; @param sizeBytes  makes it large, by a member that the type does not have. */
export function any(seconds: number, sizeBytes = 0): { readonly type_url: string; readonly value: Buffer } {
  const name = 'google.protobuf.Duration';
  const value = encodeMessage(name, { seconds });
  return { type_url: `type.googleapis.com/${name}`, value: Buffer.concat([value, unknownMember(sizeBytes)]) };
}

/** Field 15, bytes. */
function unknownMember(sizeBytes: number): Uint8Array {
  if (sizeBytes === 0) return new Uint8Array(0);
  const length: number[] = [];
  for (let rest = sizeBytes; ; rest >>>= 7) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest & 127) | 128);
  }
  return Buffer.concat([Buffer.from([(15 << 3) | 2, ...length]), Buffer.alloc(sizeBytes)]);
}
