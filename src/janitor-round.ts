import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BucketBindings } from './core/bucket-binding.ts';
import { Code } from './core/code.ts';
import type { Logger } from './core/logger.ts';
import { StatusError } from './core/status-error.ts';
import type { JournalEntry } from './operations/journal.ts';
import type { StoreLimits } from './stores/places/limits.ts';
import type { JanitorOutcome, JanitorThreadData } from './transfer-thread-data.ts';

export interface JanitorRoundsOptions {
  readonly posixRoots: readonly string[];
  readonly buckets: BucketBindings;
  readonly stores: StoreLimits;
  /** See OpenBucketOptions. */
  readonly sortDirectory: string;
  readonly logger: Logger;
  /** A round that takes longer is given up on, milliseconds. */
  readonly roundMaxMs: number;
  /** The thread's entry; the janitor's own unless given. */
  readonly entry?: URL;
}

/** Removes the staging of journal entries, each round in a thread of its own. */
export class JanitorRounds {
  readonly #options: JanitorRoundsOptions;
  /** A thread that was told to end and has not: it is in a call of a file system that does not answer. */
  #stuck: Worker | undefined;

  constructor(options: JanitorRoundsOptions) {
    this.#options = options;
  }

  /**
   * One round.
   *
   * @returns those whose staging is gone.
   * @throws StatusError UNAVAILABLE when it takes too long, and for as long as the thread of such a round is there: one is bad enough.
   */
  async clean(entries: readonly JournalEntry[]): Promise<readonly JournalEntry[]> {
    if (this.#stuck !== undefined) throw stuck();
    const thread = this.#start(entries);
    const signal = AbortSignal.timeout(this.#options.roundMaxMs);
    try {
      const [outcomes] = (await once(thread, 'message', { signal })) as [readonly JanitorOutcome[]];
      await thread.terminate();
      return entries.filter((each, index) => isGone(each, outcomes[index], this.#options.logger));
    } catch (cause) {
      this.#giveUp(thread);
      throw signal.aborted ? stuck(cause) : cause;
    }
  }

  #start(entries: readonly JournalEntry[]): Worker {
    const workerData: JanitorThreadData = {
      values: entries.map(({ value }) => value),
      posixRoots: this.#options.posixRoots,
      buckets: this.#options.buckets,
      stores: this.#options.stores,
      sortDirectory: this.#options.sortDirectory,
      roundMaxMs: this.#options.roundMaxMs,
    };
    // The same file in the tree and in the package.
    const own = new URL(`./janitor.thread${extname(import.meta.url)}`, import.meta.url);
    return new Worker(this.#options.entry ?? own, { workerData, name: 'janitor' });
  }

  /** Nobody waits for it: what is stuck in a system call ends with that call. */
  #giveUp(thread: Worker): void {
    this.#stuck = thread;
    thread.once('exit', () => {
      if (this.#stuck === thread) this.#stuck = undefined;
    });
    void thread.terminate();
  }
}

function isGone({ operation, id }: JournalEntry, outcome: JanitorOutcome | undefined, logger: Logger): boolean {
  if (outcome === undefined) return false;
  if ('failure' in outcome)
    logger.warn({ operation, entry: id, failure: outcome.failure }, 'staging could not be removed');
  else if (outcome.removedCount > 0) logger.info({ operation, count: outcome.removedCount }, 'staging removed');
  return !('failure' in outcome);
}

function stuck(cause?: unknown): StatusError {
  return new StatusError(
    Code.UNAVAILABLE,
    'a file system or store does not answer; staging of ended operations is removed later',
    {
      reason: 'STAGING_NOT_CLEANED',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
