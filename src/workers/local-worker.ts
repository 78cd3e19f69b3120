import type { ClaimShare } from '../operations/operation-repository.ts';
import type { Task, TaskContext, TaskHandler, TaskOutcome } from '../operations/task.ts';
import { workerClosed, type Worker } from './worker.ts';

export interface LocalWorkerOptions {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly share?: ClaimShare;
  readonly slotCount: number;
  readonly handler: TaskHandler;
}

/**
 * Runs a handler in this process, on this event loop.
 *
 * For work that waits more than it computes: JavaScript cannot stop a handler that ignores its signal, so such a one is
 * given up on when the grace is over, and a busy loop in it stops everybody. Use a ThreadWorker where that may happen.
 */
export class LocalWorker implements Worker {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly share?: ClaimShare;
  readonly slotCount: number;
  readonly #handler: TaskHandler;
  #closed = false;

  constructor(options: LocalWorkerOptions) {
    this.name = options.name;
    this.kinds = options.kinds;
    if (options.share !== undefined) this.share = options.share;
    this.slotCount = options.slotCount;
    this.#handler = options.handler;
  }

  async run(task: Task, context: TaskContext): Promise<TaskOutcome> {
    if (this.#closed) throw workerClosed(this.name);
    context.signal.throwIfAborted();
    return this.#handler(task, context);
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }
}
