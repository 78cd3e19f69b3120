import { EMPTY, typeUrl, type Any } from '../../src/core/any.ts';
import type { CreateOperation } from '../../src/operations/create.ts';
import { Leases } from '../../src/operations/leases.ts';
import { DEFAULT_OPERATIONS_LIMITS, DEFAULT_RETRY_LIMITS } from '../../src/operations/limits.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { Operations, type OperationsLimits } from '../../src/operations/operations.ts';
import { PageTokens } from '../../src/operations/page-token.ts';
import { SurfaceTable } from '../../src/operations/surface.ts';
import { MemoryDatabase } from '../../src/repositories/memory-database.ts';
import { protoAnyResolver } from '../../src/schema/resolver.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

/** Class Operations over a memory database, with what happens to its interrupts recorded. */
export class OperationsFixture {
  readonly clock = new FakeClock();
  readonly database = new MemoryDatabase(this.clock);
  readonly interrupted: Operation[] = [];
  readonly logger = new RecordingLogger();
  readonly operations: Operations;
  readonly leases: Leases;
  /** The name of an operation whose message cannot be made. */
  unpresentable = '';
  /** Turns of the event loop that work was spread over. */
  turnCount = 0;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(limits: Partial<OperationsLimits> = {}) {
    const encode = (operation: Operation): Uint8Array => {
      if (operation.name === this.unpresentable) throw new TypeError('a presenter failed');
      return Buffer.from(`${operation.name} ${operation.state}`);
    };
    this.operations = new Operations({
      database: this.database,
      surfaces: new SurfaceTable(),
      encode,
      resolver: protoAnyResolver,
      pageTokens: new PageTokens(new Uint8Array(32), 3 * 86_400_000),
      interrupter: { interrupt: (operation) => this.interrupted.push(operation) },
      clock: this.clock,
      nextTurn: () => {
        this.turnCount += 1;
        return new Promise((resolve) => setImmediate(resolve));
      },
      logger: this.logger,
      limits: { ...DEFAULT_OPERATIONS_LIMITS, ...limits },
    });
    const policy = { ...DEFAULT_RETRY_LIMITS, random: () => 0.5 };
    this.leases = new Leases({ database: this.database, encode, policy, leaseDurationMs: 10_000 });
  }

  /** Follows hints, as the sidecar does. */
  start(): this {
    this.#running = this.operations.run(this.#stop.signal);
    return this;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async create(input: Partial<CreateOperation> = {}): Promise<Operation> {
    const { operation } = await this.operations.create({ ...newOperation(), ...input });
    return operation;
  }

  /** Creates one and has it claimed. */
  async createRunning(name: string): Promise<{ readonly name: string; readonly fence: bigint }> {
    await this.create({ name });
    const [claimed] = await this.leases.claim('session', { kinds: ['test'], limit: 1, alone: false });
    return { name, fence: claimed?.fence ?? 0n };
  }

  /** Lets all hints and what follows from them pass. */
  settle(): Promise<void> {
    return settle();
  }
}

export function newOperation(): CreateOperation {
  return { name: 'operations/1', surface: 'longrunning', collection: 'operations', kind: 'test', request: EMPTY };
}

/** An Any of a type that no proto of ours knows. */
export const UNKNOWN_ANY: Any = { typeUrl: typeUrl('somebody.elses.Type'), value: new Uint8Array([1, 2, 3]) };
