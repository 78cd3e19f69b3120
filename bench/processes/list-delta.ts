/** Runs list-delta.thread.ts in a thread like those that carry out transfers, and tells what it took. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DEFAULT_LIMITS } from '../../src/config/limits.ts';
import { peakResidentBytes } from '../frame/process-usage.ts';
import type { ListDeltaData } from './list-delta.thread.ts';
import { serveCalls } from './serve-calls.ts';

/** What one comparison took of this process. */
export interface DeltaUsage {
  /** User and system time for each object of the two sides, microseconds; the start of the thread among them. */
  readonly cpuUs: number;
  /** The most it ever had in memory. */
  readonly peakBytes: number;
}

async function run(data: ListDeltaData): Promise<DeltaUsage> {
  const before = process.cpuUsage();
  const { nurserySizeMib } = DEFAULT_LIMITS.transferWorker;
  const worker = new Worker(new URL('./list-delta.thread.ts', import.meta.url), {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: nurserySizeMib },
  });
  await once(worker, 'message');
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / (2 * data.objectCount), peakBytes: peakResidentBytes(process.pid) };
}

const calls = { run };
export type ListDelta = typeof calls;
serveCalls(calls);
