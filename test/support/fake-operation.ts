import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { Interrupted } from '../../src/core/cancellation.ts';
import { WORD, type TaskJournalEntry } from '../../src/operations/task.ts';
import type { TransferCheckpoint } from '../../src/transfers/checkpoint.ts';
import type { TransferProgress } from '../../src/transfers/progress.ts';
import type { TransferContext } from '../../src/transfers/run-transfer.ts';

/** What an operation's record keeps between attempts. */
export interface TransferState {
  checkpoint?: TransferCheckpoint;
  progress?: TransferProgress;
  entries: Map<string, Uint8Array>;
}

/** An operation with its journal, on a file where a path is given: what an attempt killed by kill -9 leaves is there. */
export class FakeOperation {
  readonly #path: string | undefined;
  state: TransferState = { entries: new Map() };
  /** Every progress that a client could have seen, in order. */
  readonly seen: TransferProgress[] = [];

  constructor(path?: string) {
    this.#path = path;
    if (path !== undefined && existsSync(path)) this.state = deserialize(readFileSync(path)) as TransferState;
  }

  attempt(fence: bigint): FakeAttempt {
    return new FakeAttempt(this, fence);
  }

  save(change: (state: TransferState) => void): void {
    const next = { ...this.state, entries: new Map(this.state.entries) };
    change(next);
    this.state = next;
    if (next.progress !== undefined && next.progress !== this.seen.at(-1)) this.seen.push(next.progress);
    if (this.#path !== undefined) replaceFile(this.#path, serialize(next));
  }
}

function replaceFile(path: string, bytes: Uint8Array): void {
  const file = openSync(`${path}.new`, 'w');
  writeSync(file, bytes);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
}

/** One attempt's context, with the levers that a dispatcher has. */
export class FakeAttempt {
  readonly context: TransferContext;
  readonly word = new Int32Array(new SharedArrayBuffer(4));
  readonly #abort = new AbortController();
  readonly #suspend = new AbortController();

  constructor(operation: FakeOperation, fence: bigint) {
    const { checkpoint } = operation.state;
    this.context = {
      signal: this.#abort.signal,
      suspend: this.#suspend.signal,
      word: this.word,
      fence,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      journal: {
        begin: async ({ id, value }) => operation.save(({ entries }) => entries.set(id, value)),
        commit: async (ids, checkpoint, progress) =>
          operation.save((state) => {
            for (const id of ids) state.entries.delete(id);
            state.checkpoint = checkpoint;
            if (progress !== undefined) state.progress = progress;
          }),
        open: async () => openEntries(operation),
      },
      reportProgress: (progress) =>
        operation.save((state) => {
          state.progress = progress;
        }),
      saveCheckpoint: async (checkpoint, progress) =>
        operation.save((state) => {
          state.checkpoint = checkpoint;
          if (progress !== undefined) state.progress = progress;
        }),
      note: () => undefined,
      acknowledge: () => {},
    };
  }

  interrupt(reason = new Interrupted('user', 10_000)): void {
    Atomics.store(this.word, 0, WORD.STOP);
    Atomics.notify(this.word, 0);
    this.#abort.abort(reason);
  }

  suspend(): void {
    Atomics.store(this.word, 0, WORD.SUSPEND);
    Atomics.notify(this.word, 0);
    this.#suspend.abort();
  }
}

function openEntries(operation: FakeOperation): readonly TaskJournalEntry[] {
  return [...operation.state.entries].map(([id, value]) => ({ id, value })).sort((a, b) => (a.id < b.id ? -1 : 1));
}
