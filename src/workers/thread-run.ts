import type { Worker as Thread } from 'node:worker_threads';
import type { Any } from '../core/any.ts';
import { isInterrupted, type Interrupted } from '../core/cancellation.ts';
import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import type { Logger } from '../core/logger.ts';
import { StatusError } from '../core/status-error.ts';
import type { ProgressReport } from '../operations/progress.ts';
import { WORD, type Task, type TaskContext, type TaskOutcome } from '../operations/task.ts';
import type { WorkerLimits } from './limits.ts';
import {
  packError,
  unpackError,
  type FromThread,
  type ThreadCall,
  type ThreadOutcome,
  type ToThread,
} from './thread-messages.ts';

/** Translates between the messages of operations and a thread's own plain data. Runs on the main thread. */
export interface ThreadCodec<Input, Checkpoint, Progress, Result = never> {
  /** May wait for what the thread is to be told. @throws StatusError for a request that cannot be carried out. */
  input(task: Task): Input | Promise<Input>;
  encodeCheckpoint(checkpoint: Checkpoint): Any;
  decodeCheckpoint(encoded: Any): Checkpoint;
  encodeProgress(progress: Progress): Any;
  /** The standard form of it, for work that has one. */
  standardProgress?(progress: Progress): ProgressReport;
  /** Of 'done', or of the result that the handler returned. */
  response(result?: Result): Any;
}

export interface ThreadRunOptions<Input, Checkpoint, Progress, Result> {
  readonly task: Task;
  readonly context: TaskContext;
  readonly codec: ThreadCodec<Input, Checkpoint, Progress, Result>;
  readonly clock: Clock;
  readonly limits: WorkerLimits;
  readonly logger: Logger;
}

/**
 * One attempt in one thread.
 *
 * An interrupt sets the shared word before anything is posted, so that a loop which never yields sees it too. Late in the
 * grace the thread is terminated, and that is a confirmed stop. A thread within a system call outlives its termination
 * until the call returns; then the attempt's grace decides.
 */
export class ThreadRun<Input, Checkpoint, Progress, Result> {
  readonly #options: ThreadRunOptions<Input, Checkpoint, Progress, Result>;
  readonly #thread: Thread;
  readonly #word = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #end = Promise.withResolvers<TaskOutcome>();
  readonly #ended = new AbortController();
  #terminated = false;

  constructor(thread: Thread, options: ThreadRunOptions<Input, Checkpoint, Progress, Result>) {
    this.#thread = thread;
    this.#options = options;
  }

  async run(): Promise<TaskOutcome> {
    const { signal, suspend } = this.#options.context;
    this.#thread.on('message', this.#onMessage).on('messageerror', this.#end.reject);
    this.#thread.on('error', this.#onError).on('exit', this.#onExit);
    try {
      const { codec, task } = this.#options;
      const input = await Promise.race([codec.input(task), this.#earlyEnd()]);
      // Not before: the first message that a thread gets is its start.
      signal.addEventListener('abort', this.#onAbort);
      suspend.addEventListener('abort', this.#onSuspend);
      this.#start(input);
      return await this.#end.promise;
    } catch (error) {
      // A loop that has seen the word may not know the reason yet.
      throw signal.aborted && isInterrupted(error) ? signal.reason : error;
    } finally {
      this.#ended.abort();
      signal.removeEventListener('abort', this.#onAbort);
      suspend.removeEventListener('abort', this.#onSuspend);
      this.#thread.off('message', this.#onMessage).off('messageerror', this.#end.reject);
      this.#thread.off('error', this.#onError).off('exit', this.#onExit);
    }
  }

  /** Ends the thread. After an abort that is a confirmed stop, as the attempt was asked for one. */
  async terminate(): Promise<void> {
    this.#terminated = this.#options.context.signal.aborted;
    await this.#thread.terminate();
  }

  /** The thread may end while its input is waited for. */
  async #earlyEnd(): Promise<never> {
    await this.#end.promise;
    throw new Error('a thread was done before it began');
  }

  #start(input: Input): void {
    const { codec, context, limits } = this.#options;
    const { checkpoint } = context;
    this.#post({
      type: 'start',
      input,
      ...(checkpoint === undefined ? {} : { checkpoint: codec.decodeCheckpoint(checkpoint) }),
      fence: context.fence,
      word: this.#word,
      progressIntervalMs: limits.threadProgressIntervalMs,
    });
    if (context.suspend.aborted) this.#onSuspend();
    if (context.signal.aborted) this.#onAbort();
  }

  readonly #onSuspend = (): void => {
    Atomics.compareExchange(this.#word, 0, WORD.RUN, WORD.SUSPEND);
    Atomics.notify(this.#word, 0);
    this.#post({ type: 'suspend' });
  };

  readonly #onAbort = (): void => {
    Atomics.store(this.#word, 0, WORD.STOP);
    Atomics.notify(this.#word, 0);
    const reason = this.#options.context.signal.reason as Interrupted;
    this.#post({ type: 'interrupt', reason: packError(reason) });
    void this.#terminateLate(reason.graceMs);
  };

  async #terminateLate(graceMs: number): Promise<void> {
    const { clock, limits } = this.#options;
    const delayMs = Math.max(graceMs - limits.threadTerminateReserveMs, graceMs / 2);
    try {
      await clock.sleep(delayMs, this.#ended.signal);
    } catch {
      return;
    }
    await this.terminate();
  }

  readonly #onMessage = (message: FromThread<Checkpoint, Progress, Result>): void => {
    try {
      this.#receive(message);
    } catch (error) {
      this.#end.reject(error);
    }
  };

  #receive(message: FromThread<Checkpoint, Progress, Result>): void {
    const { context } = this.#options;
    if (message.type === 'acknowledge') {
      context.acknowledge();
      return;
    }
    if (message.type === 'note') {
      this.#options.logger.info({ ...message.facts, operation: this.#options.task.name }, message.text);
      return;
    }
    if (message.type === 'call') {
      void this.#answer(message.id, message.call);
      return;
    }
    if (message.progress !== undefined) context.reportProgress(...this.#encoded(message.progress));
    if (message.type === 'ended') this.#end.resolve(this.#outcomeOf(message.outcome));
    if (message.type === 'failed') this.#end.reject(unpackError(message.error));
  }

  #outcomeOf(outcome: ThreadOutcome<Result>): TaskOutcome {
    const { codec } = this.#options;
    if (outcome === 'suspended') return 'suspended';
    return { response: outcome === 'done' ? codec.response() : codec.response(outcome.result) };
  }

  async #answer(id: number, call: ThreadCall<Checkpoint, Progress>): Promise<void> {
    try {
      this.#post({ type: 'answer', id, value: await this.#carryOut(call) });
    } catch (error) {
      this.#post({ type: 'refusal', id, error: packError(error) });
    }
  }

  async #carryOut(call: ThreadCall<Checkpoint, Progress>): Promise<unknown> {
    const { codec, context } = this.#options;
    if (call.method === 'begin') return context.journal.begin(call.entry);
    if (call.method === 'open') return context.journal.open();
    const checkpoint = codec.encodeCheckpoint(call.checkpoint);
    const [metadata, standard] = call.progress === undefined ? [] : this.#encoded(call.progress);
    if (call.method === 'save') return context.saveCheckpoint(checkpoint, metadata, standard);
    return context.journal.commit(call.ids, checkpoint, metadata, standard);
  }

  #encoded(progress: Progress): [metadata: Any, standard?: ProgressReport] {
    const { codec } = this.#options;
    const standard = codec.standardProgress?.(progress);
    return standard === undefined ? [codec.encodeProgress(progress)] : [codec.encodeProgress(progress), standard];
  }

  /** An uncaught error, which is a bug, or no memory left, which another attempt may have. */
  readonly #onError = (error: unknown): void => {
    const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    this.#end.reject(outOfMemory ? this.#died(Code.RESOURCE_EXHAUSTED, 'ran out of memory', error) : error);
  };

  readonly #onExit = (exitCode: number): void => {
    if (this.#terminated) this.#end.reject(this.#options.context.signal.reason);
    else this.#end.reject(this.#died(Code.UNAVAILABLE, `exited with code ${exitCode} before the work was done`));
  };

  #died(code: Code, how: string, cause?: unknown): StatusError {
    const { name } = this.#options.task;
    return new StatusError(code, `${name}: its worker thread ${how}`, {
      reason: 'THREAD_DIED',
      metadata: { operation: name },
      cause,
    });
  }

  #post(message: ToThread<Input, Checkpoint>): void {
    this.#thread.postMessage(message);
  }
}
