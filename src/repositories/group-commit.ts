import { setImmediate } from 'node:timers';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { SqliteLimits } from './sqlite-limits.ts';
import type { Write, WriteResult } from './sqlite-protocol.ts';
import type { SqliteThread } from './sqlite-thread.ts';

/** A write on its way. Exactly one of its two functions is called, once, and neither throws. */
export interface PendingWrite {
  readonly write: Write;
  /** Of its values. */
  readonly bytes: number;
  settle(result: WriteResult): void;
  /** The whole commit failed, and nothing of it was written. */
  fail(error: unknown): void;
}

/** Who makes its writes only when a commit begins, from what is committed by then. */
export interface WriteSource {
  /** Whether something can be written now. */
  readonly hasWork: boolean;
  /** Whether nothing waits at all, neither for a commit nor for a read before it. */
  readonly isEmpty: boolean;
  /** Writes of the next commit: at most so many, and so many bytes with the last of them the exception. */
  collect(room: Room): readonly PendingWrite[];
  /** Called when the commit that took its writes is settled. */
  finish(): void;
}

export interface Room {
  readonly writes: number;
  readonly bytes: number;
}

/**
 * Puts the writes of one turn of the event loop, and all that come while a commit is under way, into one commit: what the
 * disk takes to make one durable is shared by all that wait for it.
 */
export class GroupCommit {
  readonly #thread: SqliteThread;
  readonly #limits: SqliteLimits;
  readonly #source: WriteSource;
  readonly #queue: PendingWrite[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  #committing = false;
  readonly #idle: (() => void)[] = [];

  constructor(thread: SqliteThread, limits: SqliteLimits, source: WriteSource) {
    this.#thread = thread;
    this.#limits = limits;
    this.#source = source;
  }

  /** Queues a write. @throws StatusError RESOURCE_EXHAUSTED with reason WRITE_QUEUE_FULL. */
  add(pending: PendingWrite): void {
    const { queuedWritesMax, queuedBytesMax } = this.#limits;
    if (this.#queue.length >= queuedWritesMax || this.#queuedBytes + pending.bytes > queuedBytesMax) throw queueFull();
    this.#queue.push(pending);
    this.#queuedBytes += pending.bytes;
    this.wake();
  }

  /** Begins a commit at the end of this turn, unless one is under way: that one's end begins the next. */
  wake(): void {
    if (this.#scheduled || this.#committing) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#begin();
    });
  }

  /** Resolves when nothing waits to be written. */
  whenIdle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #begin(): void {
    // When both have work, each gets half of the commit, so that neither keeps the other waiting for ever.
    const { commitWritesMax, commitBytesMax } = this.#limits;
    const first = this.#take(this.#source.hasWork ? Math.ceil(commitWritesMax / 2) : commitWritesMax);
    const room = { writes: commitWritesMax - first.length, bytes: commitBytesMax };
    const writes = [...first, ...this.#source.collect(room)];
    if (writes.length > 0) void this.#commit(writes);
    else this.#end();
  }

  #take(room: number): readonly PendingWrite[] {
    let bytes = 0;
    let count = 0;
    for (const { bytes: more } of this.#queue) {
      if (count >= room || (count > 0 && bytes + more > this.#limits.commitBytesMax)) break;
      bytes += more;
      count++;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #commit(writes: readonly PendingWrite[]): Promise<void> {
    this.#committing = true;
    try {
      await this.#thread.write(
        writes.map(({ write }) => write),
        (results) => {
          settleAll(writes, results);
        },
      );
    } catch (error) {
      for (const pending of writes) pending.fail(error);
    }
    this.#committing = false;
    this.#source.finish();
    this.#end();
  }

  #end(): void {
    if (this.#queue.length > 0 || this.#source.hasWork) this.wake();
    if (!this.#isIdle()) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #isIdle(): boolean {
    return this.#queue.length === 0 && !this.#committing && !this.#scheduled && this.#source.isEmpty;
  }
}

function settleAll(writes: readonly PendingWrite[], results: readonly WriteResult[]): void {
  for (const [index, pending] of writes.entries()) {
    const result = results[index];
    if (result !== undefined) pending.settle(result);
  }
}

/** RESOURCE_EXHAUSTED: more writes wait than the limits allow. */
export function queueFull(): StatusError {
  return new StatusError(Code.RESOURCE_EXHAUSTED, 'too many writes wait for the database; try again later', {
    reason: 'WRITE_QUEUE_FULL',
    retryDelayMs: 1_000,
  });
}
