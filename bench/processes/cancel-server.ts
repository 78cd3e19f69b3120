/** A sidecar whose workers note when a cancel reaches them. */
import { EMPTY } from '../../src/core/any.ts';
import { DEFAULT_LIMITS } from '../../src/config/limits.ts';
import { LocalWorker } from '../../src/workers/local-worker.ts';
import { ThreadWorker } from '../../src/workers/thread-worker.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { BENCH_LOG, queueOperation, startOperationsServer, type OperationsServer } from './operations-server.ts';
import { serveCalls } from './serve-calls.ts';
import type { WordTimes } from './word-watcher.thread.ts';

const LOCAL_KIND = 'bench.local';
const THREAD_KIND = 'bench.thread';
const THREAD_TASK_COUNT_MAX = 100_000;

/** What became of one cancel, milliseconds from when it was asked for. */
export interface CancelTimes {
  /** Until the handler's AbortSignal fired, or its thread saw the word. */
  readonly reachedMs: number;
  /** Until the operation was CANCELLED and a wait for it was answered. */
  readonly doneMs: number;
}

/** A handler that runs: resolves when it has started. */
interface Watched {
  readonly started: PromiseWithResolvers<true>;
  abortedMs: number;
}

const watched = new Map<string, Watched>();
const wordTimes: WordTimes = {
  startedMs: new Float64Array(new SharedArrayBuffer(THREAD_TASK_COUNT_MAX * Float64Array.BYTES_PER_ELEMENT)),
  seenMs: new Float64Array(new SharedArrayBuffer(THREAD_TASK_COUNT_MAX * Float64Array.BYTES_PER_ELEMENT)),
};
let server: OperationsServer | undefined;
let lastNumber = 0;

function running(): OperationsServer {
  if (server === undefined) throw new Error('listen comes first');
  return server;
}

const localWorker = new LocalWorker({
  name: 'local',
  kinds: [LOCAL_KIND],
  slotCount: 64,
  handler: (task, { signal }) =>
    new Promise((_resolve, reject) => {
      const handler = watched.get(task.name);
      signal.addEventListener(
        'abort',
        () => {
          if (handler !== undefined) handler.abortedMs = monotonicMs();
          reject(signal.reason);
        },
        { once: true },
      );
      handler?.started.resolve(true);
    }),
});

const threadWorker = new ThreadWorker<number, never, never>({
  name: 'threads',
  kinds: [THREAD_KIND],
  slotCount: 4,
  spareThreadCount: 1,
  entry: new URL('./word-watcher.thread.ts', import.meta.url),
  environment: wordTimes,
  limits: DEFAULT_LIMITS.workers,
  logger: BENCH_LOG,
  codec: {
    input: ({ name }) => Number(name.slice(name.lastIndexOf('-') + 1)),
    encodeCheckpoint: () => EMPTY,
    decodeCheckpoint: () => {
      throw new Error('nothing was saved');
    },
    encodeProgress: () => EMPTY,
    response: () => EMPTY,
  },
});

/** @param databasePath  in memory when it is left out. @returns the address of gRPC, and an operation to Get that stays. */
async function listen(options: { readonly databasePath?: string }): Promise<{ address: string; name: string }> {
  server = await startOperationsServer({ ...options, workers: [localWorker, threadWorker] });
  const name = 'operations/bench-idle';
  await queueOperation(server, name, 'bench.nobody');
  return { address: server.address, name };
}

async function startLocal(): Promise<string> {
  const name = `operations/bench-${String((lastNumber += 1))}`;
  const handler: Watched = { started: Promise.withResolvers<true>(), abortedMs: NaN };
  watched.set(name, handler);
  await queueOperation(running(), name, LOCAL_KIND);
  await handler.started.promise;
  return name;
}

async function startThread(): Promise<string> {
  const number = (lastNumber += 1);
  const name = `operations/bench-${String(number)}`;
  await queueOperation(running(), name, THREAD_KIND);
  while (wordTimes.startedMs[number] === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  return name;
}

async function cancelled(name: string): Promise<number> {
  const { operations } = running();
  const { operation } = await operations.wait(name, { signal: new AbortController().signal });
  if (operation.state !== 'CANCELLED' || operation.cancel?.stopConfirmed !== true) {
    throw new Error(`${name} was cancelled and is ${operation.state}`);
  }
  return monotonicMs();
}

/** Cancels operations of one kind of worker, one after the other in each of some lanes. */
async function cancelMany({
  count,
  laneCount,
  worker,
}: {
  readonly count: number;
  readonly laneCount: number;
  readonly worker: 'local' | 'thread';
}): Promise<readonly CancelTimes[]> {
  const times: CancelTimes[] = [];
  let startedCount = 0;
  const lane = async (): Promise<void> => {
    while ((startedCount += 1) <= count) times.push(await cancelOne(worker));
  };
  await Promise.all(Array.from({ length: laneCount }, lane));
  return times;
}

async function cancelOne(worker: 'local' | 'thread'): Promise<CancelTimes> {
  const name = worker === 'local' ? await startLocal() : await startThread();
  const askedMs = monotonicMs();
  await running().operations.cancel(name, { reason: 'user', actor: 'bench' });
  const doneMs = await cancelled(name);
  return { reachedMs: takeReached(name) - askedMs, doneMs: doneMs - askedMs };
}

/** When the cancel of an operation reached its handler. */
function takeReached(name: string): number {
  const reachedMs = watched.get(name)?.abortedMs ?? wordTimes.seenMs[Number(name.slice(name.lastIndexOf('-') + 1))];
  watched.delete(name);
  if (reachedMs === undefined || !(reachedMs > 0)) throw new Error(`${name} ended and its handler was not told`);
  return reachedMs;
}

/** For cancels that come over gRPC: the operation is running when this answers. */
async function start(): Promise<string> {
  return startLocal();
}

/** @returns when the handler's signal fired and when the operation was done, on the clock that all processes share. */
async function ended(name: string): Promise<{ readonly reachedAtMs: number; readonly doneAtMs: number }> {
  const doneAtMs = await cancelled(name);
  return { reachedAtMs: takeReached(name), doneAtMs };
}

const calls = { listen, cancelMany, start, ended };
export type CancelServer = typeof calls;
serveCalls(calls);
