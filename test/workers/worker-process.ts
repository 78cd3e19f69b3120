import { EMPTY, type Any } from '../../src/core/any.ts';
import type { CancelReason } from '../../src/core/cancellation.ts';
import type { Database } from '../../src/operations/database.ts';
import { createOperation, type CreateOperation } from '../../src/operations/create.ts';
import type { RetryPolicy } from '../../src/operations/lease.ts';
import { encoding } from '../../src/operations/encoding.ts';
import { Leases } from '../../src/operations/leases.ts';
import type { Change } from '../../src/operations/operation-repository.ts';
import type { Operation } from '../../src/operations/operation.ts';
import type { Task, TaskContext, TaskOutcome } from '../../src/operations/task.ts';
import { requestCancel, requestSuspend } from '../../src/operations/transitions.ts';
import { openMemoryDatabase, type MemoryDatabase } from '../../src/repositories/memory-database.ts';
import { Dispatcher } from '../../src/workers/dispatcher.ts';
import { DEFAULT_WORKER_LIMITS, type WorkerLimits } from '../../src/workers/limits.ts';
import type { ClaimShare } from '../../src/operations/operation-repository.ts';
import { LocalWorker } from '../../src/workers/local-worker.ts';
import { WorkerRegistry } from '../../src/workers/registry.ts';
import type { Worker } from '../../src/workers/worker.ts';
import { FailingDatabase } from '../support/failing-database.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const POLICY: RetryPolicy = {
  failureBackoff: { initialMs: 1_000, maxMs: 30_000 },
  deathBackoff: { initialMs: 1_000, maxMs: 30_000 },
  deathCountAlone: 3,
  deathCountMax: 100,
  random: () => 0.5,
};

const encode = (): Uint8Array => new Uint8Array(0);

/** A handler that was started, to be ended by the test. */
export interface Run {
  readonly task: Task;
  readonly context: TaskContext;
  finish(response?: Any): void;
  suspend(): void;
  /** As a handler does that heeds its signal. */
  stop(): void;
  fail(error: unknown): void;
}

export interface WorkerProcessOptions {
  readonly slotCount?: number;
  readonly share?: ClaimShare;
  readonly limits?: Partial<WorkerLimits>;
  readonly workers?: (clock: FakeClock) => readonly Worker[];
  /** Of a process before this one. */
  readonly database?: MemoryDatabase;
  readonly clock?: FakeClock;
}

/** The workers of one process on a fake clock and a database in memory. Its handlers do what the test tells them. */
export class WorkerProcess {
  readonly clock: FakeClock;
  readonly memory: MemoryDatabase;
  readonly database: FailingDatabase;
  readonly leases: Leases;
  readonly registry = new WorkerRegistry();
  readonly logger = new RecordingLogger();
  readonly limits: WorkerLimits;
  readonly dispatcher: Dispatcher;
  /** In the order they were started. */
  readonly runs: Run[] = [];
  static #sessionCount = 0;

  constructor(options: WorkerProcessOptions = {}) {
    this.clock = options.clock ?? new FakeClock();
    this.limits = { ...DEFAULT_WORKER_LIMITS, ...options.limits };
    this.memory = options.database ?? openMemoryDatabase({ clock: this.clock });
    this.database = new FailingDatabase(this.memory);
    this.leases = leasesOn(this.database, this.limits);
    const slotCount = options.slotCount ?? 4;
    const handler = (task: Task, context: TaskContext) => this.#run(task, context);
    this.dispatcher = new Dispatcher({
      database: this.database,
      leases: this.leases,
      registry: this.registry,
      workers: options.workers?.(this.clock) ?? [
        new LocalWorker({
          name: 'scripted',
          kinds: ['work'],
          slotCount,
          handler,
          ...(options.share === undefined ? {} : { share: options.share }),
        }),
      ],
      clock: this.clock,
      logger: this.logger,
      limits: this.limits,
      random: () => 0.5,
      newSessionId: () => `session-${++WorkerProcess.#sessionCount}`,
    });
  }

  async start(): Promise<this> {
    this.dispatcher.start();
    await settle();
    return this;
  }

  /** A process that died: its timers and handlers are gone, its sessions unknown. @returns the next one, not started. */
  die(options: Omit<WorkerProcessOptions, 'database' | 'clock'> = {}): WorkerProcess {
    this.database.fault = () => new Promise(() => undefined);
    this.memory.forgetSessions();
    return new WorkerProcess({ ...options, database: this.memory, clock: this.clock });
  }

  async create(
    name: string,
    also: Partial<CreateOperation> = {},
    change?: (operation: Operation) => Operation,
  ): Promise<void> {
    const input = { name, surface: 'longrunning', collection: '', kind: 'work', request: EMPTY, ...also };
    const created = createOperation(input, this.clock.now(), { attemptCountMax: 3, retentionMs: 60_000 });
    await this.memory.operations.insert(change === undefined ? created : change(created));
    await settle();
  }

  /** Creates an operation and returns its handler's run. */
  async running(name = 'operations/1'): Promise<Run> {
    await this.create(name);
    return this.run(name);
  }

  /** The latest run of an operation. */
  run(name = 'operations/1'): Run {
    const run = this.runs.findLast(({ task }) => task.name === name);
    if (run === undefined) throw new Error(`${name} was not started`);
    return run;
  }

  runCount(name = 'operations/1'): number {
    return this.runs.filter(({ task }) => task.name === name).length;
  }

  async get(name = 'operations/1'): Promise<Operation> {
    const operation = await this.memory.operations.get(name);
    if (operation === undefined) throw new Error(`${name} is gone`);
    return operation;
  }

  /** As class Operations does: commit, then interrupt. */
  async cancel(name = 'operations/1', reason: CancelReason = 'user'): Promise<void> {
    this.registry.interrupt(
      await this.write(name, (operation, now) => requestCancel(operation, now, { reason, actor: 'a' })),
    );
    await settle();
  }

  async pause(name = 'operations/1'): Promise<void> {
    this.registry.interrupt(await this.write(name, requestSuspend));
    await settle();
  }

  /** A write that nobody is told of but by hints. */
  async write(name: string, change: Change): Promise<Operation> {
    const written = await this.memory.operations.update(name, encoding(change, encode));
    await settle();
    return written;
  }

  #run(task: Task, context: TaskContext): Promise<TaskOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<TaskOutcome>();
    this.runs.push({
      task,
      context,
      finish: (response = EMPTY) => {
        resolve({ response });
      },
      suspend: () => {
        resolve('suspended');
      },
      stop: () => {
        reject(context.signal.reason);
      },
      fail: reject,
    });
    return promise;
  }
}

export function leasesOn(database: Database, limits: WorkerLimits): Leases {
  return new Leases({ database, encode, policy: POLICY, leaseDurationMs: limits.leaseDurationMs });
}
