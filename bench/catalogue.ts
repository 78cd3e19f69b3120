import type { Benchmark } from './frame/benchmark.ts';
import { cancel } from './rows/cancel.ts';
import { durableCreates } from './rows/durable-creates.ts';
import { getOperation } from './rows/get-operation.ts';
import { httpGet } from './rows/http-get.ts';
import { jsonEncoding } from './rows/json-encoding.ts';
import { listDelta } from './rows/list-delta.ts';
import { listFilter } from './rows/list-filter.ts';
import { listPage } from './rows/list-page.ts';
import { parkedWaits } from './rows/parked-waits.ts';
import { s3Bodies } from './rows/s3-bodies.ts';
import { s3Put } from './rows/s3-put.ts';
import { s3Transfers } from './rows/s3-transfers.ts';
import { start } from './rows/start.ts';
import { transferCancel } from './rows/transfer-cancel.ts';
import { transfers } from './rows/transfers.ts';
import { watches } from './rows/watches.ts';

/** In the order in which they run: those that leave the machine as they found it come first. */
export const BENCHMARKS: readonly Benchmark[] = [
  start,
  getOperation,
  httpGet,
  jsonEncoding,
  cancel,
  parkedWaits,
  watches,
  s3Put,
  s3Bodies,
  durableCreates,
  listPage,
  listFilter,
  listDelta,
  transfers,
  s3Transfers,
  transferCancel,
];
