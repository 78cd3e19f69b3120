/** Work that does nothing but watch for its interrupt, and notes when it saw it. */
import { workerData } from 'node:worker_threads';
import { Interrupted } from '../../src/core/cancellation.ts';
import { WORD } from '../../src/operations/task.ts';
import { serveThreadTasks } from '../../src/workers/thread-task.ts';
import { monotonicMs } from '../frame/monotonic.ts';

/** Shared with the process that measures: for each task by number when it began to watch, and when it saw the word. */
export interface WordTimes {
  readonly startedMs: Float64Array;
  readonly seenMs: Float64Array;
}

const { startedMs, seenMs } = workerData as WordTimes;

serveThreadTasks<number, never, never>(async (number, { word }) => {
  startedMs[number] = monotonicMs();
  Atomics.wait(word, 0, WORD.RUN);
  seenMs[number] = monotonicMs();
  throw new Interrupted('user', 0);
});
