import { setTimeout as delay } from 'node:timers/promises';
import { decodeMessage, encodeMessage, packAny } from '../../src/schema/protos.ts';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark } from '../frame/benchmark.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { cpuTime, residentBytes } from '../frame/process-usage.ts';
import { percentile } from '../frame/statistics.ts';
import type { WatchingClient } from '../processes/watching-client.ts';
import { WireConnection } from '../wire/wire-connection.ts';

const SERVICE = '/longrunning.control.v1.OperationControl/';
const WATCH_COUNT = 1000;
const CONNECTION_COUNT = 10;
const CHANGE_COUNT = 100;
/** In which a process at rest gives back what it needed for a moment. */
const SETTLE_MS = 5000;

/** What a watch is told before the first change: the one operation that is there, and that this was all. */
const FIRST_MESSAGES = 2;

interface Round {
  readonly bytesEach: number;
  readonly cpuMicrosEach: number;
  readonly latenciesMs: readonly number[];
}

export const watches: Benchmark = {
  name: 'watches',
  target: 'WatchOperations by 1,000 clients: memory of each, and what one change costs (no target)',
  run: async (context) => {
    const rounds: Round[] = [];
    for (let run = 0; run < context.runCount(3); run += 1) rounds.push(await round(context));
    return [
      { name: 'a watch, resident', unit: ' kB', runs: rounds.map(({ bytesEach }) => bytesEach / 1000) },
      {
        name: 'server CPU of one change, for each of 1,000 watches',
        unit: ' µs',
        runs: rounds.map(({ cpuMicrosEach }) => cpuMicrosEach),
      },
      ...([0.5, 0.99] as const).map((part) => ({
        name: `UpdateOperation sent → the last of them told, p${String(part * 100)}`,
        unit: ' ms',
        runs: rounds.map(({ latenciesMs }) => percentile(latenciesMs, part)),
      })),
    ];
  },
};

async function round(context: BenchContext): Promise<Round> {
  const watchCount = context.scaled(WATCH_COUNT);
  const sidecar = await context.sidecar([]);
  const connection = await WireConnection.open(sidecar.grpc);
  context.atEnd(() => {
    connection.close();
  });
  const { name, fence } = await heldOperation(connection);
  const client = await context.process<WatchingClient>('watching-client.ts');
  await delay(SETTLE_MS);
  const before = residentBytes(sidecar.pid);
  const parent = 'operations';
  await client.call('watch', { address: sidecar.grpc, parent, watchCount, connectionCount: CONNECTION_COUNT });
  await client.call('told', FIRST_MESSAGES);
  await delay(SETTLE_MS);
  const bytesEach = (residentBytes(sidecar.pid) - before) / watchCount;
  const latenciesMs: number[] = [];
  const cpuMs = cpuTime(sidecar.pid).ownMs;
  for (let change = 1; change <= context.scaled(CHANGE_COUNT); change += 1) {
    const sentMs = monotonicMs();
    const metadata = packAny('google.protobuf.Duration', { seconds: change });
    await connection.answerOf(`${SERVICE}UpdateOperation`, updateOf({ name, fence, metadata }));
    latenciesMs.push((await client.call('told', FIRST_MESSAGES + change)) - sentMs);
  }
  const cpuMicrosEach = ((cpuTime(sidecar.pid).ownMs - cpuMs) * 1000) / latenciesMs.length / watchCount;
  await client.stop();
  await sidecar.kill();
  return { bytesEach, cpuMicrosEach, latenciesMs };
}

/** An operation whose owner is this benchmark. */
async function heldOperation(connection: WireConnection): Promise<{ readonly name: string; readonly fence: string }> {
  const request = { kind: 'bench.watched', hold: { leaseDuration: { seconds: 3600 } } };
  const message = encodeMessage('longrunning.control.v1.CreateOperationRequest', request);
  const answer = await connection.answerOf(`${SERVICE}CreateOperation`, message);
  const { operation, lease } = decodeMessage('longrunning.control.v1.CreateOperationResponse', answer) as {
    readonly operation: { readonly name: string };
    readonly lease: { readonly fence: string };
  };
  return { name: operation.name, fence: lease.fence };
}

function updateOf(request: {
  readonly name: string;
  readonly fence: string;
  readonly metadata: { readonly typeUrl: string; readonly value: Uint8Array };
}): Buffer {
  const { typeUrl, value } = request.metadata;
  return encodeMessage('longrunning.control.v1.UpdateOperationRequest', {
    ...request,
    metadata: { type_url: typeUrl, value },
  });
}
