import { Worker } from 'node:worker_threads';
import type { CopyThreadData } from './copy-context.ts';
import type { CopyAnswer, CopyReply, CopyTask } from './copy-message.ts';
import { fatalError } from '../../transfers/object-failure.ts';
import { present } from '../../transfers/present.ts';

interface Queued {
  readonly task: CopyTask;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** In the language that this file is in itself: TypeScript in development, JavaScript in the package. */
const THREAD_URL = new URL(`./copy.thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);

/** Tasks sent ahead to a thread, so that it never waits for the coordinator's next turn. */
const SENT_COUNT_MAX = 2;

/**
 * Threads that copy. Tasks begin in the order in which they were given; each resolves with its answer.
 *
 * After stop(), what has not begun answers undefined, and what has ends soon.
 */
export class CopyPool {
  readonly #threads: CopyThread[] = [];
  readonly #countMax: number;
  readonly #data: CopyThreadData;
  readonly #queue: Queued[] = [];
  #isStopped = false;

  /** @param countMax  threads; each starts when there is more work than those before it can take. */
  constructor(countMax: number, data: CopyThreadData) {
    this.#countMax = countMax;
    this.#data = data;
  }

  run<Task extends CopyTask>(task: Task): Promise<CopyAnswer<Task['kind']> | undefined> {
    if (this.#isStopped) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, resolve: resolve as (answer: unknown) => void, reject });
      this.#send();
    });
  }

  stop(): void {
    this.#isStopped = true;
    Atomics.store(this.#data.halt, 0, 1);
    for (const { resolve } of this.#queue.splice(0)) resolve(undefined);
  }

  /** Waits for what has begun, except syncs, which nothing can interrupt. */
  async close(): Promise<void> {
    this.stop();
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #send(): void {
    while (this.#queue.length > 0) {
      const thread = this.#nextThread();
      if (thread === undefined) return;
      thread.send(present(this.#queue.shift()));
    }
  }

  /** The one with the least to do; a new one where all have something; undefined when none takes more. */
  #nextThread(): CopyThread | undefined {
    const [least] = this.#threads.filter(({ isFull }) => !isFull).toSorted((a, b) => a.sentCount - b.sentCount);
    if (least?.sentCount === 0 || this.#threads.length === this.#countMax) return least;
    const thread = new CopyThread(this.#data, () => {
      this.#send();
    });
    this.#threads.push(thread);
    return thread;
  }
}

/** A copy thread makes garbage for one batch at a time: a small nursery keeps it in the cache and off the resident set. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 2 };

class CopyThread {
  readonly #worker: Worker;
  readonly #sent: Queued[] = [];
  readonly #onReply: () => void;
  #idle: (() => void) | undefined;

  constructor(data: CopyThreadData, onReply: () => void) {
    this.#onReply = onReply;
    this.#worker = new Worker(THREAD_URL, { workerData: data, name: 'copy', resourceLimits: RESOURCE_LIMITS });
    this.#worker.on('message', (reply: CopyReply) => {
      this.#receive(reply);
    });
    this.#worker.on('exit', () => {
      this.#fail(new Error('a copy thread ended by itself'));
    });
    this.#worker.on('error', (error) => {
      this.#fail(error);
    });
  }

  get sentCount(): number {
    return this.#sent.length;
  }

  /** Nothing is sent behind a sync: a stop would have to wait for it. */
  get isFull(): boolean {
    return this.#sent.length >= SENT_COUNT_MAX || this.#sent.some(({ task }) => isSync(task));
  }

  get #isCopying(): boolean {
    const [current] = this.#sent;
    return current !== undefined && !isSync(current.task);
  }

  send(queued: Queued): void {
    this.#sent.push(queued);
    this.#worker.postMessage(queued.task, movedBuffers(queued.task));
  }

  async close(): Promise<void> {
    if (this.#isCopying) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    const ended = this.#worker.terminate();
    // A thread in a sync ends when that does; the word or `halt` keeps it from anything more.
    if (this.#sent.length === 0) await ended;
  }

  #receive(reply: CopyReply): void {
    const queued = this.#sent.shift();
    if ('error' in reply) queued?.reject(reply.error);
    else if ('failure' in reply) queued?.reject(fatalError(reply.failure));
    else queued?.resolve(reply.answer);
    if (!this.#isCopying) this.#idle?.();
    this.#onReply();
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#sent.splice(0)) reject(error);
    this.#idle?.();
  }
}

/** What is moved to the thread with a task, and is gone here: bytes that nobody needs any more. */
function movedBuffers(task: CopyTask): ArrayBuffer[] {
  return task.kind === 'receive' ? [task.batch.bytes.buffer] : [];
}

function isSync(task: CopyTask): boolean {
  return task.kind === 'sync' || task.kind === 'sync-large' || task.kind === 'flush-source';
}
