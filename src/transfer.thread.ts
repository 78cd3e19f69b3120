/** The thread of one attempt at a transfer: it walks, decides, and hands copies to the threads of the store. */
import { workerData } from 'node:worker_threads';
import { openPosixEnds } from './stores/posix/posix-ends.ts';
import type { TransferCheckpoint } from './transfers/checkpoint.ts';
import type { TransferLimits } from './transfers/limits.ts';
import type { TransferProgress } from './transfers/progress.ts';
import { runTransfer } from './transfers/run-transfer.ts';
import type { TransferRequest } from './transfers/spec.ts';
import { serveThreadTasks } from './workers/thread-task.ts';

/** What the sidecar tells every such thread. */
export interface TransferThreadData {
  readonly limits: TransferLimits;
  readonly posixRoots: readonly string[];
}

const { limits, posixRoots } = workerData as TransferThreadData;

serveThreadTasks<TransferRequest, TransferCheckpoint, TransferProgress>((request, context) =>
  runTransfer(request, context, { limits, open: (spec, word) => openPosixEnds(spec, { word, limits, posixRoots }) }),
);
