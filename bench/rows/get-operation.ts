import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { encodeMessage } from '../../src/schema/protos.ts';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Row } from '../frame/benchmark.ts';
import type { BenchProcess } from '../frame/bench-process.ts';
import { interleave } from '../frame/interleave.ts';
import { cpuTime } from '../frame/process-usage.ts';
import type { ConstantServer } from '../processes/constant-server.ts';
import type { LoadGenerator, LoadTarget } from '../processes/load-generator.ts';
import { TransferClient } from '../transfers/transfer-client.ts';
import { WireConnection } from '../wire/wire-connection.ts';

const PATH = '/google.longrunning.Operations/GetOperation';
const OPEN_CALL_COUNT = 64;
const SLICE_MS = 1000;

interface Slice {
  readonly callsPerSecond: number;
  readonly cpuMicrosPerCall: number;
}

export const getOperation: Benchmark = {
  name: 'get-operation',
  target: 'GetOperation calls/s >= 0.95 x a grpc-js handler answering the same bytes from a constant',
  run: async (context) => {
    const load = await context.process<LoadGenerator>('load-generator.ts');
    const whole = await startWhole(context);
    const decoding = await startConstant(context, whole.expected, true);
    const bare = await startConstant(context, whole.expected, false);
    const measure = (client: LoadTarget['client'], server: Server) => () =>
      slice(load, { ...whole, client, address: server.address }, server.pid);
    const runs = await interleave(context.runCount(12) + 1, {
      whole: measure('wire', whole),
      decoding: measure('wire', decoding),
      bare: measure('wire', bare),
      stockWhole: measure('grpc-js', whole),
      stockDecoding: measure('grpc-js', decoding),
    });
    const { whole: ours, decoding: reference, bare: barest, stockWhole, stockDecoding } = withoutFirst(runs);
    return [
      {
        ...callsOf('calls, 64 open on one connection', ours),
        references: [{ ...callsOf('constant handler', reference), target: { atLeast: 0.95 } }],
      },
      {
        ...cpuOf('server CPU of a call', ours),
        references: [cpuOf('constant handler', reference), cpuOf('one that does not decode', barest)],
      },
      {
        ...callsOf('calls of a grpc-js client', stockWhole),
        references: [callsOf('constant handler', stockDecoding)],
        note: 'here the client needs more CPU than the server, and sets the pace',
      },
    ];
  },
};

interface Server {
  readonly address: string;
  readonly pid: number;
}

/** The real sidecar, holding one transfer that is done. */
async function startWhole(
  context: BenchContext,
): Promise<Server & { readonly path: string; readonly message: Uint8Array; readonly expected: Uint8Array }> {
  const root = context.directory('root');
  mkdirSync(join(root, 'source'));
  const sidecar = await context.sidecar(['--posix-root', root]);
  const client = new TransferClient(sidecar.grpc);
  const name = await client.transfer(join(root, 'source'), join(root, 'sink'));
  client.close();
  const message = encodeMessage('google.longrunning.GetOperationRequest', { name });
  const connection = await WireConnection.open(sidecar.grpc);
  const expected = Buffer.from(await connection.answerOf(PATH, message));
  connection.close();
  return { address: sidecar.grpc, pid: sidecar.pid, path: PATH, message, expected };
}

async function startConstant(context: BenchContext, answer: Uint8Array, decodes: boolean): Promise<Server> {
  const server = await context.process<ConstantServer>('constant-server.ts');
  return { address: await server.call('listen', { answer, decodes }), pid: server.pid };
}

async function slice(load: BenchProcess<LoadGenerator>, target: LoadTarget, pid: number): Promise<Slice> {
  const startMs = cpuTime(pid).ownMs;
  const { callCount, durationMs } = await load.call('saturate', {
    ...target,
    openCallCount: OPEN_CALL_COUNT,
    durationMs: SLICE_MS,
  });
  const cpuMs = cpuTime(pid).ownMs - startMs;
  return { callsPerSecond: (callCount * 1000) / durationMs, cpuMicrosPerCall: (cpuMs * 1000) / callCount };
}

/** The first run of each is its warming up. */
function withoutFirst<T extends Readonly<Record<string, readonly Slice[]>>>(runs: T): T {
  return Object.fromEntries(Object.entries(runs).map(([name, slices]) => [name, slices.slice(1)])) as unknown as T;
}

function callsOf(name: string, slices: readonly Slice[]): Row {
  return { name, unit: '/s', runs: slices.map(({ callsPerSecond }) => callsPerSecond) };
}

function cpuOf(name: string, slices: readonly Slice[]): Row {
  return { name, unit: ' µs', runs: slices.map(({ cpuMicrosPerCall }) => cpuMicrosPerCall) };
}
