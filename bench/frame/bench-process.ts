import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** What a process of bench/processes/ answers. Arguments and results are whatever structured clone can carry. */
export type Calls = Readonly<Record<string, (argument: never) => unknown>>;

export interface CallMessage {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export type AnswerMessage =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

/** The parent's side of a process that serves calls (see serveCalls): what is measured there steals no time here. */
export class BenchProcess<T extends Calls> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: AnswerMessage) => {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if ('error' in message) waiting?.reject(new Error(message.error));
      else waiting?.resolve(message.value);
    });
    child.once('exit', (code, signal) => {
      const error = new Error(`a process of the benchmark ended with ${String(code ?? signal)}`);
      for (const waiting of this.#waiting.values()) waiting.reject(error);
    });
  }

  static async start<T extends Calls>(entry: URL, flags: readonly string[]): Promise<BenchProcess<T>> {
    const child = fork(entry, flags, { serialization: 'advanced' });
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`${entry.pathname} ended with ${String(code)} before it was ready`);
      }),
    ]);
    return new BenchProcess<T>(child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  call<Name extends keyof T & string>(
    name: Name,
    ...[argument]: Parameters<T[Name]>
  ): Promise<Awaited<ReturnType<T[Name]>>> {
    const id = (this.#lastId += 1);
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    const message: CallMessage = { id, name, argument };
    this.#child.send(message);
    return waiting.promise as Promise<Awaited<ReturnType<T[Name]>>>;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
