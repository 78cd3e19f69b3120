import { setTimeout as delay } from 'node:timers/promises';
import { decodeMessage, encodeMessage, packAny } from '../../src/schema/protos.ts';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Row } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { cpuTime, residentBytes } from '../frame/process-usage.ts';
import { percentile } from '../frame/statistics.ts';
import type { WatchingCalls } from '../processes/watching-client.ts';
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
    const { calls, events } = await interleave(context.runCount(3), {
      calls: () => round(context, 'watching-client.ts', 'grpc'),
      events: () => round(context, 'event-stream-client.ts', 'http'),
    });
    const references = rowsOf(calls);
    const named = (row: Row, transport: string): Row => ({ ...row, name: `${row.name}: ${transport}` });
    return [
      ...references.map((row) => named(row, 'gRPC')),
      ...rowsOf(events).map((row, index) => ({
        ...named(row, 'events over HTTP'),
        references: references.slice(index, index + 1).map((reference) => ({ ...reference, name: 'gRPC' })),
      })),
    ];
  },
};

function rowsOf(rounds: readonly Round[]): readonly Row[] {
  return [
    { name: 'a watch, resident', unit: ' kB', runs: rounds.map(({ bytesEach }) => bytesEach / 1000) },
    {
      name: 'server CPU of a change, a watch',
      unit: ' µs',
      runs: rounds.map(({ cpuMicrosEach }) => cpuMicrosEach),
    },
    ...([0.5, 0.99] as const).map((part) => ({
      name: `update sent → last told, p${String(part * 100)}`,
      unit: ' ms',
      runs: rounds.map(({ latenciesMs }) => percentile(latenciesMs, part)),
    })),
  ];
}

async function round(context: BenchContext, client: string, transport: 'grpc' | 'http'): Promise<Round> {
  const watchCount = context.scaled(WATCH_COUNT);
  const sidecar = await context.sidecar([]);
  const connection = await WireConnection.open(sidecar.grpc);
  context.atEnd(() => {
    connection.close();
  });
  const { name, fence } = await heldOperation(connection);
  const watcher = await context.process<WatchingCalls>(client);
  await delay(SETTLE_MS);
  const before = residentBytes(sidecar.pid);
  const parent = 'operations';
  const address = sidecar[transport] ?? '';
  await watcher.call('watch', { address, parent, watchCount, connectionCount: CONNECTION_COUNT });
  await watcher.call('told', FIRST_MESSAGES);
  await delay(SETTLE_MS);
  const bytesEach = (residentBytes(sidecar.pid) - before) / watchCount;
  const latenciesMs: number[] = [];
  const cpuMs = cpuTime(sidecar.pid).ownMs;
  for (let change = 1; change <= context.scaled(CHANGE_COUNT); change += 1) {
    const sentMs = monotonicMs();
    const metadata = packAny('google.protobuf.Duration', { seconds: change });
    await connection.answerOf(`${SERVICE}UpdateOperation`, updateOf({ name, fence, metadata }));
    latenciesMs.push((await watcher.call('told', FIRST_MESSAGES + change)) - sentMs);
  }
  const cpuMicrosEach = ((cpuTime(sidecar.pid).ownMs - cpuMs) * 1000) / latenciesMs.length / watchCount;
  await watcher.stop();
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
