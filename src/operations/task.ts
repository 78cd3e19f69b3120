import type { Any } from '../core/any.ts';
import type { ProgressReport } from './progress.ts';

/** What a worker is handed: one attempt at one operation. */
export interface Task {
  readonly name: string;
  readonly kind: string;
  readonly request: Any;
  readonly resource?: string;
  /** From 1. */
  readonly attempt: number;
  readonly fence: bigint;
  readonly createTimeMs: number;
  /** When the operation's first attempt was claimed. */
  readonly startTimeMs: number;
}

/** An entry of the attempt's journal; `id` is unique within the operation, `value` is the handler's own. */
export interface TaskJournalEntry {
  readonly id: string;
  readonly value: Uint8Array;
}

/** The operation's journal, as its attempt sees it. Every write carries the fence. */
export interface TaskJournal<Checkpoint = Any, Progress = Any> {
  /** Durable before it resolves: whatever the entry announces may happen only then. */
  begin(entry: TaskJournalEntry): Promise<void>;
  /** Removes the entries and saves the checkpoint (and what clients see) in one transaction. */
  commit(ids: readonly string[], checkpoint: Checkpoint, progress?: Progress, standard?: ProgressReport): Promise<void>;
  /** What was begun and not committed, by an earlier attempt too; by id. */
  open(): Promise<readonly TaskJournalEntry[]>;
}

/**
 * What an attempt may use. All of its writes are refused with ABORTED (STALE_FENCE) once the lease is lost, and then `signal`
 * aborts with an Interrupted of kind `lease-lost`.
 *
 * Handlers that deal in messages use it with Any; a thread worker's codec lets a handler deal in its own plain data.
 */
export interface TaskContext<Checkpoint = Any, Progress = Any> {
  /** Stop now: `reason` is an Interrupted. */
  readonly signal: AbortSignal;
  /** Finish what is in flight, save a checkpoint, return 'suspended'. */
  readonly suspend: AbortSignal;
  readonly fence: bigint;
  /** What the last attempt left. */
  readonly checkpoint?: Checkpoint;
  readonly journal: TaskJournal<Checkpoint, Progress>;
  /**
   * What clients see, as the kind's own message, and beside it the standard form (in a thread the worker's codec makes that).
   * Latest wins; written at most once a second and with the outcome. Never waits.
   */
  reportProgress(progress: Progress, standard?: ProgressReport): void;
  /** Durable when it resolves. */
  saveCheckpoint(checkpoint: Checkpoint, progress?: Progress, standard?: ProgressReport): Promise<void>;
  /** Says that the interrupt was seen and clean-up has begun. Optional; once is enough. */
  acknowledge(): void;
}

/** Values of the shared word, see ThreadTaskContext. They only grow. */
export const WORD = { RUN: 0, SUSPEND: 1, STOP: 2 } as const;

/** A TaskContext inside a worker thread, where loops of synchronous calls keep the event loop from seeing a signal. */
export interface ThreadTaskContext<Checkpoint = Any, Progress = Any> extends TaskContext<Checkpoint, Progress> {
  /** A line in the log of the process, with the operation's name: what is worth knowing and no error. Few of them. */
  note(text: string, facts: Readonly<Record<string, string | number>>): void;
  /**
   * On shared memory; element 0 is one of WORD. It is set and notified before either signal fires: loops read it between
   * chunks (`Atomics.load`), sleepers wait on it (`Atomics.wait`), and it may be handed on to further threads.
   */
  readonly word: Int32Array;
}

/** How an attempt ends that neither failed nor was interrupted. */
export type TaskOutcome = { readonly response: Any } | 'suspended';

/**
 * Carries out one attempt. After an abort it rejects with `signal.reason` once everything has stopped; any other rejection is
 * the operation's failure: a StatusError as it is (UNAVAILABLE, RESOURCE_EXHAUSTED and ABORTED are tried again while attempts
 * remain, unless it is final), anything else as INTERNAL.
 */
export type TaskHandler = (task: Task, context: TaskContext) => Promise<TaskOutcome>;
