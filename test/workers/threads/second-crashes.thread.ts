import { workerData } from 'node:worker_threads';
import { serveThreadTasks } from '../../../src/workers/thread-task.ts';

const { startCount } = workerData as { readonly startCount: Int32Array };
if (Atomics.add(startCount, 0, 1) === 1) throw new Error('the second thread does not load');

serveThreadTasks(() => Promise.resolve('done'));
