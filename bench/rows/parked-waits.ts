import { join } from 'node:path';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Result } from '../frame/benchmark.ts';
import type { BenchProcess } from '../frame/bench-process.ts';
import { residentBytes } from '../frame/process-usage.ts';
import type { WaitingClient } from '../processes/waiting-client.ts';
import type { Stall } from '../processes/stall-meter.ts';
import type { WaitsServer } from '../processes/waits-server.ts';

const WAIT_COUNT = 10_000;
const CONNECTION_COUNT = 10;
const MEGABYTE = 1e6;

/** Resident memory, bytes; what it grew by since nothing was parked. */
interface Round {
  readonly justParkedBytes: number;
  readonly settledBytes: number;
  readonly wholeBytes: number;
  readonly stall: Stall;
  readonly lastAnswerMs: number;
}

export const parkedWaits: Benchmark = {
  name: 'parked-waits',
  target: '10,000 parked waits: < 110 MB, no event-loop stall > 20 ms when they wake',
  run: async (context) => {
    const count = context.scaled(WAIT_COUNT);
    const one: Round[] = [];
    const many: Round[] = [];
    for (let run = 0; run < context.runCount(3); run += 1) {
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
  await warmUp({ server, client }, namesOf('warm', waitCount / 10, Math.max(1, operationCount / 10)));
  const measured = await parkAndEnd({ server, client }, namesOf('wait', waitCount, operationCount));
  await server.stop();
  await client.stop();
  return measured;
}

interface Processes {
  readonly server: BenchProcess<WaitsServer>;
  readonly client: BenchProcess<WaitingClient>;
}

/** For the compiler. */
async function warmUp({ server, client }: Processes, names: readonly string[]): Promise<void> {
  const operations = [...new Set(names)];
  await server.call('create', operations);
  await client.call('wait', names);
  await server.call('parked', names.length);
  await server.call('endAll', operations);
  await client.call('answered', names.length);
  await server.call('longestStall');
}

async function parkAndEnd({ server, client }: Processes, names: readonly string[]): Promise<Round> {
  const operations = [...new Set(names)];
  await server.call('create', operations);
  await server.call('settle');
  const before = residentBytes(server.pid);
  await client.call('wait', names);
  await server.call('parked', names.length);
  const justParked = residentBytes(server.pid);
  await server.call('settle');
  const settled = residentBytes(server.pid);
  const startMs = await server.call('endAll', operations);
  const lastMs = await client.call('answered', names.length);
  const stall = await server.call('longestStall');
  return {
    justParkedBytes: justParked - before,
    settledBytes: settled - before,
    wholeBytes: settled,
    stall,
    lastAnswerMs: lastMs - startMs,
  };
}

/** For each wait the name that it waits for. */
function namesOf(prefix: string, waitCount: number, operationCount: number): readonly string[] {
  return Array.from({ length: waitCount }, (_, wait) => `operations/${prefix}-${String(wait % operationCount)}`);
}

function rowsOf(rounds: readonly Round[], count: number, on: string): readonly Result[] {
  const megabytes = (bytes: (round: Round) => number): readonly number[] =>
    rounds.map((round) => bytes(round) / MEGABYTE);
  return [
    {
      name: `${String(count)} waits on ${on}`,
      unit: ' MB',
      runs: megabytes((round) => round.settledBytes),
      target: { atMost: 110 },
    },
    { name: '  each', unit: ' kB', runs: rounds.map((round) => round.settledBytes / count / 1000) },
    { name: '  just parked, nothing collected yet', unit: ' MB', runs: megabytes((round) => round.justParkedBytes) },
    { name: '  the whole process', unit: ' MB', runs: megabytes((round) => round.wholeBytes) },
    {
      name: '  longest turn when all wake',
      unit: ' ms',
      runs: rounds.map(({ stall }) => stall.wallMs),
      target: { atMost: 20 },
    },
    { name: '  the same in CPU time', unit: ' ms', runs: rounds.map(({ stall }) => stall.cpuMs) },
    { name: '  end → last one answered', unit: ' ms', runs: rounds.map(({ lastAnswerMs }) => lastAnswerMs) },
  ];
}
