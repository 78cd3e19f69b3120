import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { TreeCount } from './count-tree.ts';

/** What the source of a transfer holds, counted while it is copied: only so can a bar know its end. */
export interface SourceCount extends TreeCount {
  /** Whether it has been counted to the end. */
  readonly isComplete: boolean;
}

/** A count that goes on in a thread of its own. */
export class SourceCounter {
  readonly #thread: Worker;
  #latest: SourceCount = { count: 0, bytes: 0, isComplete: false };

  constructor(root: string) {
    // The same file in the tree and in the package.
    const entry = new URL(`./count.thread${extname(import.meta.url)}`, import.meta.url);
    this.#thread = new Worker(entry, { workerData: root, name: 'count' });
    this.#thread.on('message', (count: TreeCount) => {
      this.#latest = { ...count, isComplete: false };
    });
    this.#thread.on('exit', (status) => {
      this.#latest = { ...this.#latest, isComplete: status === 0 };
    });
    // Without it there is no bar; the transfer itself needs it for nothing.
    this.#thread.on('error', () => undefined);
    this.#thread.unref();
  }

  /** As far as it has come. */
  get latest(): SourceCount {
    return this.#latest;
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}
