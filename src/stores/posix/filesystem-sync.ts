import { spawn } from 'node:child_process';

/**
 * syncfs, which Node lacks, through coreutils' `sync -f` in a child process: one call for any number of files, and one that a stop
 * can abandon. Requests that come while one runs share the next.
 */
export class FilesystemSync {
  readonly #root: number;
  readonly #signal: AbortSignal;
  #running: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  /** @param root  descriptor of a directory on the filesystem. @param signal  abandons what runs. */
  constructor(root: number, signal: AbortSignal) {
    this.#root = root;
    this.#signal = signal;
  }

  /** true when all that was written before the call is durable; false when it could not be done, or was abandoned. */
  sync(): Promise<boolean> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#start();
    });
    return this.#next;
  }

  #start(): Promise<boolean> {
    const running = this.#spawn().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  #spawn(): Promise<boolean> {
    if (this.#signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      // Descriptor 3 of the child is the root, whatever its path leads to by now.
      const child = spawn('sync', ['-f', '/proc/self/fd/3'], { stdio: ['ignore', 'ignore', 'ignore', this.#root] });
      const abandon = (): void => {
        child.kill('SIGKILL');
        child.unref();
        resolve(false);
      };
      this.#signal.addEventListener('abort', abandon, { once: true });
      const end = (isDone: boolean): void => {
        this.#signal.removeEventListener('abort', abandon);
        resolve(isDone);
      };
      child.once('error', () => {
        end(false);
      });
      child.once('exit', (code) => {
        end(code === 0);
      });
    });
  }
}
