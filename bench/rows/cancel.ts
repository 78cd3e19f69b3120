import { join } from 'node:path';
import { encodeMessage } from '../../src/schema/protos.ts';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Result } from '../frame/benchmark.ts';
import type { BenchProcess } from '../frame/bench-process.ts';
import { percentile } from '../frame/statistics.ts';
import type { CancelServer, CancelTimes } from '../processes/cancel-server.ts';
import type { Latencies, LoadGenerator } from '../processes/load-generator.ts';

const GET_PATH = '/google.longrunning.Operations/GetOperation';
const CANCEL_PATH = '/google.longrunning.Operations/CancelOperation';
const GETS_PER_SECOND = 2000;
/** In each round, so that its p99 is a figure of several cancels. */
const LOCAL_COUNT = 500;
const RPC_COUNT = 300;
const THREAD_COUNT = 50;

/** Cancels, and the Gets that went on meanwhile. */
interface Measured<T> {
  readonly times: T;
  readonly gets: Latencies;
}

interface Round {
  readonly local: Measured<readonly CancelTimes[]>;
  readonly rpc: Measured<readonly RpcTimes[]>;
  readonly thread: Measured<readonly CancelTimes[]>;
}

interface RpcTimes extends CancelTimes {
  readonly answeredMs: number;
}

export const cancel: Benchmark = {
  name: 'cancel',
  target:
    'cancel → AbortSignal, in process: p99 < 10 ms under 2,000 Get/s; an answer to CancelOperation within 50 ms, done within 1 s',
  run: async (context) => {
    const sqlite = await roundsOn(context, { databasePath: join(context.directory('database'), 'bench.db') });
    const memory = await roundsOn(context, {});
    return [...rowsOf(sqlite, 'SQLite'), ...rowsOf(memory, 'memory').slice(0, 2)];
  },
};

async function roundsOn(
  context: BenchContext,
  database: { readonly databasePath?: string },
): Promise<readonly Round[]> {
  const server = await context.process<CancelServer>('cancel-server.ts');
  const gets = await context.process<LoadGenerator>('load-generator.ts');
  const cancels = await context.process<LoadGenerator>('load-generator.ts');
  const { address, name } = await server.call('listen', database);
  const message = encodeMessage('google.longrunning.GetOperationRequest', { name });
  await cancelMany(server, { count: context.scaled(LOCAL_COUNT), worker: 'local' });
  const rounds: Round[] = [];
  const underLoad = async <T>(measure: () => Promise<T>): Promise<Measured<T>> => {
    await gets.call('startPaced', {
      address,
      path: GET_PATH,
      message,
      client: 'wire',
      callsPerSecond: GETS_PER_SECOND,
    });
    const times = await measure();
    return { times, gets: await gets.call('stopPaced') };
  };
  for (let round = 0; round < context.runCount(5); round += 1) {
    rounds.push({
      local: await underLoad(() => cancelMany(server, { count: context.scaled(LOCAL_COUNT), worker: 'local' })),
      rpc: await underLoad(() => cancelByRpc(server, cancels, { address, count: context.scaled(RPC_COUNT) })),
      thread: await underLoad(() => cancelMany(server, { count: context.scaled(THREAD_COUNT), worker: 'thread' })),
    });
  }
  return rounds;
}

function cancelMany(
  server: BenchProcess<CancelServer>,
  { count, worker }: { readonly count: number; readonly worker: 'local' | 'thread' },
): Promise<readonly CancelTimes[]> {
  return server.call('cancelMany', { count, worker, laneCount: worker === 'local' ? 4 : 1 });
}

async function cancelByRpc(
  server: BenchProcess<CancelServer>,
  cancels: BenchProcess<LoadGenerator>,
  { address, count }: { readonly address: string; readonly count: number },
): Promise<readonly RpcTimes[]> {
  const times: RpcTimes[] = [];
  for (let cancelled = 0; cancelled < count; cancelled += 1) {
    const name = await server.call('start');
    const message = encodeMessage('google.longrunning.CancelOperationRequest', { name });
    const { sentMs, answeredMs } = await cancels.call('timed', { address, path: CANCEL_PATH, message, client: 'wire' });
    const { reachedAtMs, doneAtMs } = await server.call('ended', name);
    times.push({ reachedMs: reachedAtMs - sentMs, doneMs: doneAtMs - sentMs, answeredMs: answeredMs - sentMs });
  }
  return times;
}

function rowsOf(rounds: readonly Round[], database: string): readonly Result[] {
  const of = (share: number, values: (round: Round) => readonly number[]): readonly number[] =>
    rounds.map((round) => percentile(values(round), share));
  const local = (round: Round): readonly number[] => round.local.times.map(({ reachedMs }) => reachedMs);
  const sent = (round: Round): readonly number[] => round.rpc.times.map(({ reachedMs }) => reachedMs);
  const answered = (round: Round): readonly number[] => round.rpc.times.map(({ answeredMs }) => answeredMs);
  const done = (round: Round): readonly number[] => round.rpc.times.map(({ doneMs }) => doneMs);
  const word = (round: Round): readonly number[] => round.thread.times.map(({ reachedMs }) => reachedMs);
  const ms = ' ms';
  return [
    { name: `cancel → AbortSignal, ${database}, p50`, unit: ms, runs: of(0.5, local) },
    {
      name: `cancel → AbortSignal, ${database}, p99`,
      unit: ms,
      runs: of(0.99, local),
      target: { atMost: 10 },
    },
    { name: 'CancelOperation sent → AbortSignal, p50', unit: ms, runs: of(0.5, sent) },
    { name: 'CancelOperation sent → AbortSignal, p99', unit: ms, runs: of(0.99, sent) },
    {
      name: 'CancelOperation sent → answered, p99',
      unit: ms,
      runs: of(0.99, answered),
      target: { atMost: 50 },
    },
    {
      name: 'CancelOperation sent → done, p99',
      unit: ms,
      runs: of(0.99, done),
      target: { atMost: 1000 },
    },
    { name: 'cancel → word seen by a thread, p50', unit: ms, runs: of(0.5, word) },
    { name: 'cancel → word seen by a thread, p99', unit: ms, runs: of(0.99, word) },
    { name: 'Get while handlers are cancelled, p99', unit: ms, runs: rounds.map((round) => round.rpc.gets.p99Ms) },
    { name: 'Get while threads come and go, p99', unit: ms, runs: rounds.map((round) => round.thread.gets.p99Ms) },
  ];
}
