import type { Any } from '../../src/core/any.ts';
import { Interrupted } from '../../src/core/cancellation.ts';
import type { Task, TaskContext, TaskJournal, TaskJournalEntry } from '../../src/operations/task.ts';
import { text } from './behaviours.ts';

export function taskOfKind(kind: string): Task {
  return {
    name: 'operations/1',
    kind,
    request: { typeUrl: 'type.googleapis.com/test.Request', value: new Uint8Array(0) },
    attempt: 1,
    fence: 7n,
    createTimeMs: 1,
    startTimeMs: 2,
  };
}

/** A context that keeps what a handler does with it. */
export class RecordingContext implements TaskContext {
  readonly #signal = new AbortController();
  readonly #suspend = new AbortController();
  readonly #entries = new Map<string, TaskJournalEntry>();
  readonly signal = this.#signal.signal;
  readonly suspend = this.#suspend.signal;
  readonly fence = 7n;
  readonly progress: (string | undefined)[] = [];
  readonly checkpoints: (string | undefined)[] = [];
  readonly #started = Promise.withResolvers<undefined>();
  acknowledgeCount = 0;
  checkpoint?: Any;
  /** What the next checkpoint is refused with. */
  refusal: Error | undefined;

  readonly journal: TaskJournal = {
    begin: async (entry) => {
      this.#entries.set(entry.id, entry);
    },
    commit: async (ids, checkpoint, progress) => {
      for (const id of ids) this.#entries.delete(id);
      await this.saveCheckpoint(checkpoint, progress);
    },
    open: async () => [...this.#entries.values()],
  };

  /** Resolves with the first progress: the handler runs. */
  get started(): Promise<undefined> {
    return this.#started.promise;
  }

  reportProgress(progress: Any): void {
    this.progress.push(text(progress));
    this.#started.resolve(undefined);
  }

  async saveCheckpoint(checkpoint: Any, progress?: Any): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    this.checkpoints.push(text(checkpoint));
    if (progress !== undefined) this.reportProgress(progress);
  }

  acknowledge(): void {
    this.acknowledgeCount += 1;
  }

  abort(graceMs = 10_000): Interrupted {
    const reason = new Interrupted('user', graceMs);
    this.#signal.abort(reason);
    return reason;
  }

  askToSuspend(): void {
    this.#suspend.abort();
  }
}
