/** The thread of one attempt at a transfer: it walks, decides, and hands copies to the threads of the store. */
import { workerData } from 'node:worker_threads';
import { openActivityLog } from './open-activity-log.ts';
import type { TransferThreadData } from './transfer-thread-data.ts';
import { systemClock } from './core/clock.ts';
import { openEnds } from './stores/places/open-ends.ts';
import type { TransferCheckpoint } from './transfers/checkpoint.ts';
import type { TransferProgress } from './transfers/progress.ts';
import { runTransfer } from './transfers/run-transfer.ts';
import type { TransferEvent } from './transfers/transfer-environment.ts';
import type { TransferRequest } from './transfers/spec.ts';
import { serveThreadTasks } from './workers/thread-task.ts';

const data = workerData as TransferThreadData;
const { limits, poolRates, s3Abilities, activityLog } = data;
const places = {
  posixRoots: data.posixRoots,
  bindings: data.buckets,
  egress: data.allowedHosts,
  stores: data.stores,
  sortDirectory: data.sortDirectory,
};

/** What an event is called in the log. Each is told once an attempt, with their sum. */
const NOTES: Readonly<Record<TransferEvent['kind'], string>> = {
  'special-files-skipped':
    'special files were skipped: none can be copied but symbolic links, where metadata_options.symlink asks for them',
  'staging-left': 'staging could not be removed at once; the janitor does it later',
};

function rateOf({ pool = '' }: TransferRequest): { readonly poolRate?: SharedArrayBuffer } {
  const poolRate = poolRates[pool];
  return poolRate === undefined ? {} : { poolRate };
}

const LOG_FAILED = 'the activity log of this transfer could not be written, and ends here';

serveThreadTasks<TransferRequest, TransferCheckpoint, TransferProgress>(async (request, context) => {
  const counts = new Map<TransferEvent['kind'], number>();
  try {
    return await runTransfer(request, context, {
      limits,
      open: (spec, options) =>
        openEnds(spec, { ...options, limits, ...places, s3Abilities, clock: systemClock, ...rateOf(request) }),
      openManifest: async (location, ends, how) => {
        // Most transfers have none.
        const { openManifest } = await import('./stores/places/open-manifest.ts');
        return openManifest(location, ends, { ...places, ...how, limits, s3Abilities, clock: systemClock });
      },
      openLog: (of, ends) =>
        openActivityLog(activityLog, {
          request: of,
          ends,
          onFailure: (detail) => {
            context.note(LOG_FAILED, { detail });
          },
        }),
      observe: ({ kind, count }) => {
        counts.set(kind, (counts.get(kind) ?? 0) + count);
      },
    });
  } finally {
    for (const [kind, count] of counts) context.note(NOTES[kind], { count });
  }
});
