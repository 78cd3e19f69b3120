/** A thread that lives for one round of the janitor: removing files is synchronous work, which never belongs on the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { cleanStaging } from './stores/posix/clean-staging.ts';
import type { JanitorOutcome, JanitorThreadData } from './transfer-thread-data.ts';

const { values, posixRoots } = workerData as JanitorThreadData;

parentPort?.postMessage(values.map(clean));

function clean(value: Uint8Array): JanitorOutcome {
  try {
    return { removedCount: cleanStaging(value, posixRoots) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
