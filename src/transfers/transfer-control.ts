import { once } from 'node:events';
import { Interrupted, type InterruptKind } from '../core/cancellation.ts';
import type { TaskContext, ThreadTaskContext } from '../operations/task.ts';
import { WORD } from '../operations/task.ts';

/**
 * Whether a transfer is to go on, to drain or to stop: the interrupt, the suspension and its own fatal error in one place.
 *
 * Stopped: no I/O but clean-up. Draining: nothing new, what is in flight is finished.
 */
export class TransferControl {
  readonly #context: Pick<ThreadTaskContext, 'word'> & Pick<TaskContext, 'signal' | 'suspend'>;
  readonly #onFatal: () => void;
  #fatal: { readonly error: unknown } | undefined;

  constructor(context: Pick<ThreadTaskContext, 'word' | 'signal' | 'suspend'>, onFatal: () => void) {
    this.#context = context;
    this.#onFatal = onFatal;
  }

  get isInterrupted(): boolean {
    return this.#context.signal.aborted || Atomics.load(this.#context.word, 0) === WORD.STOP;
  }

  get isStopped(): boolean {
    return this.#fatal !== undefined || this.isInterrupted;
  }

  get isDraining(): boolean {
    return this.isStopped || this.#context.suspend.aborted || Atomics.load(this.#context.word, 0) !== WORD.RUN;
  }

  /** The transfer cannot go on. The first error stands; what comes after an interrupt is its consequence. */
  fail(error: unknown): void {
    if (this.#fatal !== undefined || this.isInterrupted) return;
    this.#fatal = { error };
    this.#onFatal();
  }

  get fatal(): { readonly error: unknown } | undefined {
    return this.#fatal;
  }

  /** Why it was interrupted, once the signal says it: the word may be set before that. undefined when it was not. */
  async interruptKind(): Promise<InterruptKind | undefined> {
    if (!this.isInterrupted) return undefined;
    const { signal } = this.#context;
    if (!signal.aborted) await once(signal, 'abort');
    return signal.reason instanceof Interrupted ? signal.reason.kind : 'user';
  }
}
