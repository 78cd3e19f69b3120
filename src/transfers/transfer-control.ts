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

  /** The transfer cannot go on. The first error stands; an interrupt outranks it. */
  fail(error: unknown): void {
    if (this.#fatal !== undefined) return;
    this.#fatal = { error };
    this.#onFatal();
  }

  get fatal(): { readonly error: unknown } | undefined {
    return this.#fatal;
  }

  /** The interrupt's reason; waits for the signal where only the word is set yet. */
  async reason(): Promise<unknown> {
    const { signal } = this.#context;
    if (!signal.aborted) {
      await new Promise<void>((resolve) => {
        signal.addEventListener(
          'abort',
          () => {
            resolve();
          },
          { once: true },
        );
      });
    }
    return signal.reason;
  }
}
