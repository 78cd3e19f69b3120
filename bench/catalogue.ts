import type { Benchmark } from './frame/benchmark.ts';
import { cancel } from './rows/cancel.ts';
import { durableCreates } from './rows/durable-creates.ts';
import { getOperation } from './rows/get-operation.ts';
import { parkedWaits } from './rows/parked-waits.ts';

/** In the order in which they run: those that leave the machine as they found it come first. */
export const BENCHMARKS: readonly Benchmark[] = [getOperation, cancel, parkedWaits, durableCreates];
