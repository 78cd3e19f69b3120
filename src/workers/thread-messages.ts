/** What a ThreadWorker and its threads say to each other. All of it is plain data: classes do not survive the way. */
import { Interrupted, type InterruptKind } from '../core/cancellation.ts';
import type { Code } from '../core/code.ts';
import { StatusError, type StatusErrorOptions } from '../core/status-error.ts';
import type { TaskJournalEntry } from '../operations/task.ts';

export interface StartMessage<Input, Checkpoint> {
  readonly type: 'start';
  readonly input: Input;
  readonly checkpoint?: Checkpoint;
  readonly fence: bigint;
  readonly word: Int32Array;
  readonly progressIntervalMs: number;
}

/** A write or a read that the thread asks for, and waits for the answer. */
export type ThreadCall<Checkpoint, Progress> =
  | { readonly method: 'save'; readonly checkpoint: Checkpoint; readonly progress?: Progress }
  | {
      readonly method: 'commit';
      readonly ids: readonly string[];
      readonly checkpoint: Checkpoint;
      readonly progress?: Progress;
    }
  | { readonly method: 'begin'; readonly entry: TaskJournalEntry }
  | { readonly method: 'open' };

export type ToThread<Input, Checkpoint> =
  | StartMessage<Input, Checkpoint>
  | { readonly type: 'suspend' }
  | { readonly type: 'interrupt'; readonly reason: PackedError }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly error: PackedError };

/** How a thread's handler ended that neither failed nor was interrupted. */
export type ThreadOutcome<Result = never> = 'done' | 'suspended' | { readonly result: Result };

export type FromThread<Checkpoint, Progress, Result> =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'acknowledge' }
  | { readonly type: 'note'; readonly text: string; readonly facts: Readonly<Record<string, string | number>> }
  | { readonly type: 'call'; readonly id: number; readonly call: ThreadCall<Checkpoint, Progress> }
  | { readonly type: 'ended'; readonly outcome: ThreadOutcome<Result>; readonly progress?: Progress }
  | { readonly type: 'failed'; readonly error: PackedError; readonly progress?: Progress };

interface Traced {
  readonly message: string;
  /** Where it was thrown, in its own thread: for the log. */
  readonly stack?: string;
}

/** An error as data. */
export type PackedError = Traced &
  (
    | { readonly type: 'status'; readonly code: Code; readonly options: StatusErrorOptions }
    | { readonly type: 'interrupted'; readonly kind: InterruptKind; readonly graceMs: number }
    | { readonly type: 'error'; readonly name: string; readonly code?: string }
  );

/** Takes an error apart. Of the cause only the text of its stack is kept, within the stack. */
export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { type: 'error', name: 'Error', message: `thrown: ${String(error)}` };
  const traced: Traced = { message: error.message, ...stackOf(error) };
  if (error instanceof Interrupted) return { ...traced, type: 'interrupted', kind: error.kind, graceMs: error.graceMs };
  if (error instanceof StatusError) return { ...traced, type: 'status', code: error.code, options: optionsOf(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { ...traced, type: 'error', name: error.name, ...code };
}

/** Puts an error together again, of the class it had where that is one of ours. */
export function unpackError(packed: PackedError): Error {
  const error = rebuild(packed);
  if (packed.stack !== undefined) error.stack = packed.stack;
  return error;
}

function rebuild(packed: PackedError): Error {
  switch (packed.type) {
    case 'status':
      return new StatusError(packed.code, packed.message, packed.options);
    case 'interrupted':
      return new Interrupted(packed.kind, packed.graceMs, packed.message);
    case 'error':
      return Object.assign(new Error(packed.message), {
        name: packed.name,
        ...(packed.code === undefined ? {} : { code: packed.code }),
      });
  }
}

function optionsOf(error: StatusError): StatusErrorOptions {
  return {
    ...error.info,
    fieldViolations: error.fieldViolations,
    isFinal: error.isFinal,
    ...(error.retryDelayMs === undefined ? {} : { retryDelayMs: error.retryDelayMs }),
  };
}

function stackOf(error: Error): { readonly stack?: string } {
  if (error.stack === undefined) return {};
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : '';
  return { stack: error.stack + cause };
}
