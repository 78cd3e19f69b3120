import { Worker as Thread, type ResourceLimits } from 'node:worker_threads';
import { settlesWithin } from '../core/bounded-wait.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { ClaimShare } from '../operations/operation-repository.ts';
import type { Task, TaskContext, TaskOutcome } from '../operations/task.ts';
import { DEFAULT_WORKER_LIMITS, type WorkerLimits } from './limits.ts';
import { ThreadRun, type ThreadCodec } from './thread-run.ts';
import { workerClosed, type Worker } from './worker.ts';

export interface ThreadWorkerOptions<Input, Checkpoint, Progress, Result = never> {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly share?: ClaimShare;
  readonly slotCount: number;
  /** A file that calls serveThreadTasks. Its extension is to be that of the importer: .ts in the tree, .js in the package. */
  readonly entry: URL;
  readonly codec: ThreadCodec<Input, Checkpoint, Progress, Result>;
  readonly logger: Logger;
  readonly limits?: WorkerLimits;
  readonly clock?: Clock;
  /** Handed to each thread as its `workerData`. */
  readonly environment?: unknown;
  /** Of each thread; Node's own defaults where left out. */
  readonly resourceLimits?: ResourceLimits;
  /**
   * Threads kept started and idle once the worker has had work, so that the next attempt need not wait for one: starting takes
   * some tens of milliseconds, an idle one some megabytes.
   */
  readonly spareThreadCount?: number;
}

/**
 * Runs each attempt in a worker thread of its own.
 *
 * For work that computes or makes synchronous calls: it stops where LocalWorker could only ask, and a thread that crashes
 * fails its attempt, not the process. What the handler has left behind in its thread ends with the attempt.
 */
export class ThreadWorker<Input, Checkpoint, Progress, Result = never> implements Worker {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly share?: ClaimShare;
  readonly slotCount: number;
  readonly #options: ThreadWorkerOptions<Input, Checkpoint, Progress, Result>;
  readonly #clock: Clock;
  readonly #limits: WorkerLimits;
  readonly #threads = new Set<Thread>();
  readonly #spares = new Set<Thread>();
  readonly #runs = new Set<ThreadRun<Input, Checkpoint, Progress, Result>>();
  #closed = false;

  constructor(options: ThreadWorkerOptions<Input, Checkpoint, Progress, Result>) {
    this.name = options.name;
    this.kinds = options.kinds;
    if (options.share !== undefined) this.share = options.share;
    this.slotCount = options.slotCount;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#limits = options.limits ?? DEFAULT_WORKER_LIMITS;
  }

  async run(task: Task, context: TaskContext): Promise<TaskOutcome> {
    if (this.#closed) throw workerClosed(this.name);
    context.signal.throwIfAborted();
    const thread = this.#take();
    const { codec, logger } = this.#options;
    const run = new ThreadRun(thread, { task, context, codec, clock: this.#clock, limits: this.#limits, logger });
    this.#runs.add(run);
    try {
      return await run.run();
    } finally {
      this.#runs.delete(run);
      await this.#terminate(thread);
      this.#keepSpares();
    }
  }

  /** Ends every thread, attempts under way too. One within a system call keeps it waiting until that returns. */
  async close(): Promise<void> {
    this.#closed = true;
    const runs = [...this.#runs].map((run) => run.terminate());
    await Promise.all([...runs, ...[...this.#threads].map((thread) => thread.terminate())]);
  }

  #take(): Thread {
    const [spare] = this.#spares;
    const thread = spare ?? this.#spawn();
    this.#spares.delete(thread);
    thread.ref();
    return thread;
  }

  #keepSpares(): void {
    while (!this.#closed && this.#spares.size < (this.#options.spareThreadCount ?? 0)) {
      const spare = this.#spawn();
      spare.unref();
      this.#spares.add(spare);
    }
  }

  #spawn(): Thread {
    const { entry, environment, resourceLimits, name } = this.#options;
    const thread = new Thread(entry, {
      workerData: environment,
      name: name.slice(0, 15),
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
    });
    this.#threads.add(thread);
    // Without a listener an error of a thread would be one of the process. One of an attempt is the attempt's to log.
    thread.on('error', (error) => {
      if (this.#spares.delete(thread))
        this.#options.logger.error({ error, worker: name }, 'a spare worker thread crashed');
    });
    thread.once('exit', () => {
      this.#threads.delete(thread);
      this.#spares.delete(thread);
    });
    return thread;
  }

  /** Ends a thread, and waits for its end a while: one that has left a system call behind must not hold its outcome back. */
  async #terminate(thread: Thread): Promise<void> {
    if (await settlesWithin(thread.terminate(), this.#limits.threadExitMs, this.#clock)) return;
    this.#options.logger.warn({ worker: this.name }, 'a worker thread has not ended yet: it is within a system call');
  }
}
