import { parentPort, workerData } from 'node:worker_threads';
import { countTree } from './count-tree.ts';

/** Counts the tree that its data names, and posts the count so far; it ends after the whole one. */
for (const count of countTree(workerData as string)) parentPort?.postMessage(count);
