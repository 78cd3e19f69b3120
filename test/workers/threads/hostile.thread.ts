/** Work that does what no work should: what a ThreadWorker is for. */
import { readFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { Any } from '../../../src/core/any.ts';
import { Interrupted } from '../../../src/core/cancellation.ts';
import { WORD, type ThreadTaskContext } from '../../../src/operations/task.ts';
import { serveThreadTasks } from '../../../src/workers/thread-task.ts';
import { bytes } from '../behaviours.ts';

export type Hostility = keyof typeof HOSTILITIES;

function fillHeap(): never {
  const kept: unknown[] = [];
  for (;;) kept.push(new Array(10_000).fill(kept.length));
}

const HOSTILITIES = {
  spins: (context: ThreadTaskContext): Promise<'done'> => {
    context.reportProgress(bytes('spinning'));
    for (;;);
  },
  readsTheWord: async (context: ThreadTaskContext): Promise<'done'> => {
    context.reportProgress(bytes('reading'));
    while (Atomics.load(context.word, 0) !== WORD.STOP);
    throw new Interrupted('user', 0);
  },
  sleepsOnTheWord: async (context: ThreadTaskContext): Promise<'suspended'> => {
    context.reportProgress(bytes('sleeping'));
    Atomics.wait(context.word, 0, WORD.RUN);
    return 'suspended';
  },
  exits: async (): Promise<'done'> => process.exit(3),
  throwsLater: (): Promise<'done'> => {
    setImmediate(() => {
      throw new RangeError('nobody catches this');
    });
    return new Promise(() => undefined);
  },
  rejectsUnheard: (): Promise<'done'> => {
    void Promise.reject(new RangeError('nobody hears this'));
    return new Promise(() => undefined);
  },
  fillsHeap: async (): Promise<'done'> => fillHeap(),
  throwsNoError: async (): Promise<'done'> => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- that is the point
    throw 'a string';
  },
  floods: async (context: ThreadTaskContext): Promise<'done'> => {
    for (let count = 1; count <= 1_000_000; count++) context.reportProgress(bytes(String(count)));
    return 'done';
  },
  blocksInTheKernel: async (): Promise<'done'> => {
    // As text: that is opened and read in one native call, in which a thread cannot be terminated.
    readFileSync((workerData as { readonly fifo: string }).fifo, 'utf8');
    return 'done';
  },
  leavesATimer: async (): Promise<'done'> => {
    setInterval(() => undefined, 1_000);
    return 'done';
  },
};

serveThreadTasks<Hostility, Any, Any>((name, context) => HOSTILITIES[name](context));
