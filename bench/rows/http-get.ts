import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Row } from '../frame/benchmark.ts';
import type { BenchProcess } from '../frame/bench-process.ts';
import { interleave } from '../frame/interleave.ts';
import { cpuTime } from '../frame/process-usage.ts';
import type { HttpConstantServer } from '../processes/http-constant-server.ts';
import type { HttpLoadGenerator } from '../processes/http-load.ts';
import { TransferClient } from '../transfers/transfer-client.ts';

const CONNECTION_COUNT = 64;
const SLICE_MS = 1000;

interface Slice {
  readonly callsPerSecond: number;
  readonly cpuMicrosPerCall: number;
}

interface Server {
  readonly address: string;
  readonly pid: number;
}

interface Answer {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const httpGet: Benchmark = {
  name: 'http-get',
  target: 'GET of an operation over HTTP/JSON >= 0.7 x a bare node:http handler answering the same bytes',
  run: async (context) => {
    const load = await context.process<HttpLoadGenerator>('http-load.ts');
    const { answer, ...whole } = await startWhole(context);
    const bare = await startBare(context, answer);
    const runs = await interleave(context.runCount(12) + 1, {
      whole: () => slice(load, answer, whole),
      bare: () => slice(load, answer, bare),
    });
    // The first run of each is its warming up.
    const [ours, reference] = [runs.whole.slice(1), runs.bare.slice(1)];
    return [
      {
        ...callsOf('GETs, 64 connections', ours),
        references: [{ ...callsOf('bare node:http', reference), target: { atLeast: 0.7 } }],
      },
      { ...cpuOf('server CPU of a GET', ours), references: [cpuOf('bare node:http', reference)] },
    ];
  },
};

/** The real sidecar, holding one transfer that is done. */
async function startWhole(context: BenchContext): Promise<Server & { readonly answer: Answer }> {
  const root = context.directory('root');
  mkdirSync(join(root, 'source'));
  const sidecar = await context.sidecar(['--posix-root', root]);
  const client = new TransferClient(sidecar.grpc);
  const path = `/v1/${await client.transfer(join(root, 'source'), join(root, 'sink'))}`;
  client.close();
  const address = sidecar.http ?? '';
  const response = await fetch(`http://${address}${path}`);
  const own = ['connection', 'keep-alive', 'date'];
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !own.includes(name)));
  return { address, pid: sidecar.pid, answer: { path, headers, body: await response.text() } };
}

async function startBare(context: BenchContext, { headers, body }: Answer): Promise<Server> {
  const server = await context.process<HttpConstantServer>('http-constant-server.ts');
  return { address: await server.call('listen', { headers, body }), pid: server.pid };
}

async function slice(
  load: BenchProcess<HttpLoadGenerator>,
  { path, body }: Answer,
  { address, pid }: Server,
): Promise<Slice> {
  const startMs = cpuTime(pid).ownMs;
  const { callCount, durationMs } = await load.call('saturate', {
    address,
    path,
    body,
    connectionCount: CONNECTION_COUNT,
    durationMs: SLICE_MS,
  });
  const cpuMs = cpuTime(pid).ownMs - startMs;
  return { callsPerSecond: (callCount * 1000) / durationMs, cpuMicrosPerCall: (cpuMs * 1000) / callCount };
}

function callsOf(name: string, slices: readonly Slice[]): Row {
  return { name, unit: '/s', runs: slices.map(({ callsPerSecond }) => callsPerSecond) };
}

function cpuOf(name: string, slices: readonly Slice[]): Row {
  return { name, unit: ' µs', runs: slices.map(({ cpuMicrosPerCall }) => cpuMicrosPerCall) };
}
