/** The thread of one attempt at a transfer: it walks, decides, and hands copies to the threads of the store. */
import { workerData } from 'node:worker_threads';
import type { TransferThreadData } from './transfer-thread-data.ts';
import { openPosixEnds } from './stores/posix/posix-ends.ts';
import type { TransferCheckpoint } from './transfers/checkpoint.ts';
import type { TransferProgress } from './transfers/progress.ts';
import { runTransfer } from './transfers/run-transfer.ts';
import type { TransferRequest } from './transfers/spec.ts';
import { serveThreadTasks } from './workers/thread-task.ts';

const { limits, posixRoots } = workerData as TransferThreadData;

serveThreadTasks<TransferRequest, TransferCheckpoint, TransferProgress>((request, context) =>
  runTransfer(request, context, { limits, open: (spec, word) => openPosixEnds(spec, { word, limits, posixRoots }) }),
);
