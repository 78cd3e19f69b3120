/**
 * The thread's side of a ThreadWorker: what its entry file calls.
 *
 *   serveThreadTasks<Input, Checkpoint, Progress>(async (input, context) => { …; return 'done'; });
 */
import { parentPort, type MessagePort } from 'node:worker_threads';
import type { TaskJournal, TaskJournalEntry, ThreadTaskContext } from '../operations/task.ts';
import {
  packError,
  unpackError,
  type FromThread,
  type StartMessage,
  type ThreadCall,
  type ThreadOutcome,
  type ToThread,
} from './thread-messages.ts';

/**
 * Carries out one attempt inside a thread. After an abort it rejects with `signal.reason`, or with any Interrupted where a loop
 * has seen the word and the signal has not fired yet.
 */
export type ThreadTaskHandler<Input, Checkpoint, Progress, Result = never> = (
  input: Input,
  context: ThreadTaskContext<Checkpoint, Progress>,
) => Promise<ThreadOutcome<Result>>;

/** Serves this thread's one attempt: the thread is ended after it. @throws Error on the main thread. */
export function serveThreadTasks<Input, Checkpoint, Progress, Result = never>(
  handler: ThreadTaskHandler<Input, Checkpoint, Progress, Result>,
): void {
  const port = parentPort;
  if (port === null) throw new Error('serveThreadTasks is for the entry of a worker thread');
  port.once('message', (start: StartMessage<Input, Checkpoint>) => {
    void new ThreadTask<Input, Checkpoint, Progress, Result>(port, start).run(handler);
  });
}

class ThreadTask<Input, Checkpoint, Progress, Result> {
  readonly #port: MessagePort;
  readonly #start: StartMessage<Input, Checkpoint>;
  readonly #signal = new AbortController();
  readonly #suspend = new AbortController();
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  #lastCallId = 0;
  /** Reported and not sent yet. */
  #progress: { readonly latest: Progress } | undefined;
  #progressTimer: NodeJS.Timeout | undefined;
  #progressTimeMs = -Infinity;

  readonly #journal: TaskJournal<Checkpoint, Progress> = {
    begin: async (entry) => {
      await this.#call({ method: 'begin', entry });
    },
    commit: async (ids, checkpoint, progress) => {
      await this.#call({ method: 'commit', ids, checkpoint, ...this.#newest(progress) });
    },
    open: async () => (await this.#call({ method: 'open' })) as readonly TaskJournalEntry[],
  };

  constructor(port: MessagePort, start: StartMessage<Input, Checkpoint>) {
    this.#port = port;
    this.#start = start;
    port.on('message', (message: ToThread<Input, Checkpoint>) => {
      this.#receive(message);
    });
  }

  async run(handler: ThreadTaskHandler<Input, Checkpoint, Progress, Result>): Promise<void> {
    try {
      const outcome = await handler(this.#start.input, this.#context());
      this.#post({ type: 'ended', outcome, ...this.#newest() });
    } catch (error) {
      this.#post({ type: 'failed', error: packError(error), ...this.#newest() });
    } finally {
      clearTimeout(this.#progressTimer);
    }
  }

  #context(): ThreadTaskContext<Checkpoint, Progress> {
    const { checkpoint, fence, word } = this.#start;
    return {
      signal: this.#signal.signal,
      suspend: this.#suspend.signal,
      word,
      fence,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      journal: this.#journal,
      reportProgress: (progress) => {
        this.#report(progress);
      },
      saveCheckpoint: async (state, progress) => {
        await this.#call({ method: 'save', checkpoint: state, ...this.#newest(progress) });
      },
      acknowledge: () => {
        this.#post({ type: 'acknowledge' });
      },
      note: (text, facts) => {
        this.#post({ type: 'note', text, facts });
      },
    };
  }

  #receive(message: ToThread<Input, Checkpoint>): void {
    switch (message.type) {
      case 'interrupt':
        this.#signal.abort(unpackError(message.reason));
        break;
      case 'suspend':
        this.#suspend.abort();
        break;
      case 'answer':
        this.#take(message.id)?.resolve(message.value);
        break;
      case 'refusal':
        this.#take(message.id)?.reject(unpackError(message.error));
        break;
      case 'start':
        break;
    }
  }

  #call(call: ThreadCall<Checkpoint, Progress>): Promise<unknown> {
    const id = ++this.#lastCallId;
    const answer = Promise.withResolvers<unknown>();
    this.#calls.set(id, answer);
    this.#post({ type: 'call', id, call });
    return answer.promise;
  }

  #take(id: number): PromiseWithResolvers<unknown> | undefined {
    const answer = this.#calls.get(id);
    this.#calls.delete(id);
    return answer;
  }

  /**
   * Sends the latest at most once an interval, whoever reports how often: a loop that never yields still gets some out, as
   * the time is read at each report, and one that yields gets its last out by the timer.
   */
  #report(progress: Progress): void {
    this.#progress = { latest: progress };
    const waitMs = this.#progressTimeMs + this.#start.progressIntervalMs - performance.now();
    if (waitMs <= 0) this.#sendProgress();
    else this.#progressTimer ??= setTimeout(this.#sendProgress, waitMs).unref();
  }

  readonly #sendProgress = (): void => {
    clearTimeout(this.#progressTimer);
    this.#progressTimer = undefined;
    const { progress } = this.#newest();
    if (progress === undefined) return;
    this.#progressTimeMs = performance.now();
    this.#post({ type: 'progress', progress });
  };

  /** What is not sent yet, to go along with another message; something newer takes its place. */
  #newest(newer?: Progress): { readonly progress?: Progress } {
    const progress = newer ?? this.#progress?.latest;
    this.#progress = undefined;
    return progress === undefined ? {} : { progress };
  }

  #post(message: FromThread<Checkpoint, Progress, Result>): void {
    this.#port.postMessage(message);
  }
}
