/** A thread that lives for one round of the janitor: removing files is synchronous work, which never belongs on the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from './core/clock.ts';
import { cleanSink } from './stores/places/clean-sink.ts';
import type { JanitorOutcome, JanitorThreadData } from './transfer-thread-data.ts';

const { values, posixRoots, buckets, stores, sortDirectory, roundMaxMs } = workerData as JanitorThreadData;
/** Within the round, so that what a store does not answer is told as that. */
const signal = AbortSignal.timeout(roundMaxMs / 2);

const outcomes: JanitorOutcome[] = [];
for (const value of values) outcomes.push(await clean(value));
parentPort?.postMessage(outcomes);

async function clean(value: Uint8Array): Promise<JanitorOutcome> {
  try {
    return {
      removedCount: await cleanSink(value, {
        posixRoots,
        bindings: buckets,
        stores,
        sortDirectory,
        clock: systemClock,
        signal,
      }),
    };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
