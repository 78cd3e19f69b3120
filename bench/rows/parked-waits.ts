import { join } from 'node:path';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Result } from '../frame/benchmark.ts';
import type { BenchProcess } from '../frame/bench-process.ts';
import { residentBytes } from '../frame/process-usage.ts';
import type { WaitingClient } from '../processes/waiting-client.ts';
import type { WaitsServer } from '../processes/waits-server.ts';

const WAIT_COUNT = 10_000;
const CONNECTION_COUNT = 10;
const MEGABYTE = 1e6;

interface Round {
  readonly growthBytes: number;
  readonly residentBytes: number;
  readonly stallMs: number;
  readonly lastAnswerMs: number;
}

export const parkedWaits: Benchmark = {
  name: 'parked-waits',
  target: '10,000 parked waits: < 110 MB, no event-loop stall > 20 ms when they wake',
  run: async (context) => {
    const count = context.scaled(WAIT_COUNT);
    const runCount = context.runCount(5);
    const one: Round[] = [];
    const many: Round[] = [];
    for (let run = 0; run < runCount; run += 1) {
      one.push(await round(context, count, 1));
      many.push(await round(context, count, count));
    }
    return [...rowsOf(one, count, 'one operation'), ...rowsOf(many, count, 'as many operations')];
  },
};

/** Each in a fresh server: the memory that an earlier round has freed would hide what the next one needs. */
async function round(context: BenchContext, waitCount: number, operationCount: number): Promise<Round> {
  const server = await context.process<WaitsServer>('waits-server.ts');
  const client = await context.process<WaitingClient>('waiting-client.ts');
  const address = await server.call('listen', { databasePath: join(context.directory('database'), 'bench.db') });
  await client.call('connect', { address, count: CONNECTION_COUNT });
  // One such round for the compiler and the heap, of a tenth of the size: what it freed is within the noise.
  await parkAndEnd({ server, client, names: namesOf('warm', waitCount / 10, Math.max(1, operationCount / 10)) });
  const measured = await parkAndEnd({ server, client, names: namesOf('wait', waitCount, operationCount) });
  await server.stop();
  await client.stop();
  return measured;
}

interface Processes {
  readonly server: BenchProcess<WaitsServer>;
  readonly client: BenchProcess<WaitingClient>;
}

async function parkAndEnd({
  server,
  client,
  names,
}: Processes & { readonly names: readonly string[] }): Promise<Round> {
  const operations = [...new Set(names)];
  await server.call('create', operations);
  const before = residentBytes(server.pid);
  await client.call('wait', names);
  await server.call('parked', names.length);
  const parked = residentBytes(server.pid);
  const startMs = await server.call('endAll', operations);
  const lastMs = await client.call('answered', names.length);
  const stallMs = await server.call('longestStall');
  return { growthBytes: parked - before, residentBytes: parked, stallMs, lastAnswerMs: lastMs - startMs };
}

/** For each wait the name that it waits for. */
function namesOf(prefix: string, waitCount: number, operationCount: number): readonly string[] {
  return Array.from({ length: waitCount }, (_, wait) => `operations/${prefix}-${String(wait % operationCount)}`);
}

function rowsOf(rounds: readonly Round[], count: number, on: string): readonly Result[] {
  const what = `${String(count)} waits on ${on}`;
  return [
    {
      name: what,
      unit: ' MB',
      runs: rounds.map(({ growthBytes }) => growthBytes / MEGABYTE),
      target: { atMost: 110 },
    },
    { name: '  each', unit: ' kB', runs: rounds.map(({ growthBytes }) => growthBytes / count / 1000) },
    { name: '  the whole process', unit: ' MB', runs: rounds.map((round) => round.residentBytes / MEGABYTE) },
    {
      name: '  longest stall when all wake',
      unit: ' ms',
      runs: rounds.map(({ stallMs }) => stallMs),
      target: { atMost: 20 },
    },
    { name: '  end → last one answered', unit: ' ms', runs: rounds.map(({ lastAnswerMs }) => lastAnswerMs) },
  ];
}
