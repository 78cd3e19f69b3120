import { isDone, type Operation } from '../operation.ts';
import { notFound } from '../visible.ts';
import { draining, type Watcher, type WatcherOptions } from './watcher.ts';
import { WatchPause } from './watch-pause.ts';

export interface OperationWatcherOptions extends WatcherOptions {
  readonly name: string;
  readonly scope: string;
}

/** What is to be told of the operation now, if anything, and whether it is the last. */
interface Look {
  readonly message?: Uint8Array;
  /** The record that it tells, where there is one. */
  readonly told?: Pick<Operation, 'createTimeMs' | 'revision'>;
  readonly isLast: boolean;
}

/** A watch of one operation: tells its state, each state after it, and ends with the final one. */
export class OperationWatcher implements Watcher {
  readonly #options: OperationWatcherOptions;
  readonly #pause: WatchPause;
  #hasChanged = false;
  /** Which record it told last. */
  #told: Look['told'];

  constructor(options: OperationWatcherOptions) {
    this.#options = options;
    const { clock, signal, source } = options;
    this.#pause = new WatchPause({ clock, signal, quietMs: source.limits.heartbeatMs });
  }

  offer(): void {
    this.#hasChanged = true;
    this.#pause.wake();
  }

  restart(): void {
    this.offer();
  }

  stop(): void {
    this.#pause.end(draining(this.#options.source.limits.retryDelayMs));
  }

  async *messages(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#follow();
    } finally {
      this.#pause.close();
    }
  }

  async *#follow(): AsyncGenerator<Uint8Array> {
    const { source, scope } = this.#options;
    for (let isFirst = true; ; isFirst = false) {
      this.#hasChanged = false;
      if (yield* this.#tell(isFirst)) return;
      if (isFirst) yield source.encode({ kind: 'synced' }, scope, source.mark);
      this.#pause.throwIfEnded();
      const isQuiet = !this.#isChanged() && !(await this.#pause.rest());
      await source.turns.ready();
      // A quiet watch reads again, in case a hint was lost.
      if (isQuiet) yield source.encode({ kind: 'heartbeat' }, scope, source.mark);
    }
  }

  /** @returns whether that was the last. */
  async *#tell(isFirst: boolean): AsyncGenerator<Uint8Array, boolean> {
    const { untaken } = this.#options.source;
    const look = (): Promise<Look> => this.#look(isFirst);
    const { made, leave } = await untaken.place(look, ({ message }) => message?.byteLength ?? 0, this.#options);
    this.#told = made.told ?? this.#told;
    try {
      if (made.message !== undefined) yield made.message;
    } finally {
      leave();
    }
    return made.isLast;
  }

  /** Here and not in a generator: the record is not to be held while its message waits for a slow reader. */
  async #look(isFirst: boolean): Promise<Look> {
    const { source, name, scope, cursor } = this.#options;
    const { mark } = source;
    const operation = await source.read(name);
    if (operation === undefined || operation.deleted) {
      if (isFirst && cursor === undefined) throw notFound(name);
      return { message: source.encode({ kind: 'removed', name }, scope, mark), isLast: true };
    }
    const { createTimeMs, revision } = operation;
    const isLast = isDone(operation);
    if (revision === this.#told?.revision && createTimeMs === this.#told.createTimeMs) return { isLast };
    return { message: source.encodeState(operation, scope), told: { createTimeMs, revision }, isLast };
  }

  /** A method, as the flag changes while messages are taken. */
  #isChanged(): boolean {
    return this.#hasChanged;
  }
}
