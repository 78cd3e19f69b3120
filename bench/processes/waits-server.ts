/** A sidecar with operations that nobody works on, to be waited for, and ended all at once. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EMPTY } from '../../src/core/any.ts';
import { encoding } from '../../src/operations/encoding.ts';
import { end } from '../../src/operations/transitions.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { queueOperation, startOperationsServer, type OperationsServer } from './operations-server.ts';
import { serveCalls } from './serve-calls.ts';
import { StallMeter, type Stall } from './stall-meter.ts';

/** Ended in one turn of the event loop: as many workers may report in one. */
const ENDED_PER_TURN = 100;

let server: OperationsServer | undefined;
let meter: StallMeter | undefined;

function running(): OperationsServer {
  if (server === undefined) throw new Error('listen comes first');
  return server;
}

async function listen(options: { readonly databasePath: string }): Promise<string> {
  server = await startOperationsServer(options);
  return server.address;
}

async function create(names: readonly string[]): Promise<void> {
  for (let first = 0; first < names.length; first += ENDED_PER_TURN) {
    const slice = names.slice(first, first + ENDED_PER_TURN);
    await Promise.all(slice.map((name) => queueOperation(running(), name, 'bench.nobody')));
  }
}

/** Resolves when so many waits are parked. */
async function parked(count: number): Promise<void> {
  while (running().operations.waiterCount < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Ends operations as their workers would. @returns when it began, on the clock that all processes share. */
async function endAll(names: readonly string[]): Promise<number> {
  const { database, encode } = running();
  const change = encoding((operation, now) => end(operation, now, 'SUCCEEDED', { response: EMPTY }), encode);
  meter = new StallMeter();
  const startMs = monotonicMs();
  const ends: Promise<unknown>[] = [];
  for (let first = 0; first < names.length; first += ENDED_PER_TURN) {
    const slice = names.slice(first, first + ENDED_PER_TURN);
    ends.push(...slice.map((name) => database.operations.update(name, change)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(ends);
  return startMs;
}

/** @returns the longest turn of the event loop since endAll. */
async function longestStall(): Promise<Stall> {
  if (meter === undefined) throw new Error('endAll comes first');
  return meter.stop();
}

/** V8 keeps pages that a collection has freed for eight seconds, in case they are needed again. */
const PAGES_KEPT_MS = 10_000;
/** A collection moves the young to the old and leaves pages half empty: only the next one frees them. */
const COLLECTION_COUNT = 3;

/** Lets go of memory that nobody needs, as some minutes of ordinary work would. */
async function settle(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let collection = 0; collection < COLLECTION_COUNT; collection += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await new Promise((resolve) => setTimeout(resolve, PAGES_KEPT_MS));
}

const calls = { listen, create, parked, settle, endAll, longestStall };
export type WaitsServer = typeof calls;
serveCalls(calls);
