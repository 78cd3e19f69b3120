import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SidecarProcess } from '../../test/support/sidecar-process.ts';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { cpuTime, residentBytes } from '../frame/process-usage.ts';
import type { ConstantServer } from '../processes/constant-server.ts';
import { TransferClient } from '../transfers/transfer-client.ts';

/** Until what a start leaves to do is done. */
const SETTLE_MS = 2000;
const REST_MS = 10_000;
const MEGABYTE = 1e6;

export const start: Benchmark = {
  name: 'start',
  target: 'start to listening <= 1 s',
  run: async (context) => {
    const startMs = (environment: () => Readonly<Record<string, string>>) => async () => {
      const beginMs = monotonicMs();
      const sidecar = await context.sidecar([], environment());
      const elapsedMs = monotonicMs() - beginMs;
      await sidecar.stop();
      return elapsedMs;
    };
    const emptyCache = (): Readonly<Record<string, string>> => ({ NODE_COMPILE_CACHE: context.directory('cache') });
    const runs = await interleave(context.runCount(7), {
      first: startMs(emptyCache),
      again: startMs(() => ({})),
      bare: () => startBare(context),
    });
    const rest = await atRest(context);
    const bare = { name: 'a bare grpc-js server', runs: runs.bare };
    return [
      {
        name: 'node starting → listening',
        unit: ' ms',
        runs: runs.again,
        references: [bare],
        target: { atMost: 1000 },
      },
      { name: 'the same, nothing compiled yet', unit: ' ms', runs: runs.first, target: { atMost: 1000 } },
      ...rest,
    ];
  },
};

/** A server that knows one method, and has loaded the same packages for it. */
async function startBare(context: BenchContext): Promise<number> {
  const beginMs = monotonicMs();
  const server = await context.process<ConstantServer>('constant-server.ts');
  await server.call('listen', { answer: new Uint8Array(1), decodes: true });
  const elapsedMs = monotonicMs() - beginMs;
  await server.stop();
  return elapsedMs;
}

async function atRest(context: BenchContext): Promise<Awaited<ReturnType<Benchmark['run']>>> {
  const root = context.directory('root');
  mkdirSync(join(root, 'source'));
  const sidecar = await context.sidecar(['--posix-root', root]);
  const bare = await context.process<ConstantServer>('constant-server.ts');
  await bare.call('listen', { answer: new Uint8Array(1), decodes: true });
  await sleep(SETTLE_MS);
  const cpu = await cpuShare(sidecar, context.scaled(REST_MS));
  const fresh = residentBytes(sidecar.pid);
  const client = new TransferClient(sidecar.grpc);
  await client.transfer(join(root, 'source'), join(root, 'sink'));
  client.close();
  await sleep(SETTLE_MS);
  const used = residentBytes(sidecar.pid);
  return [
    {
      name: 'memory at rest',
      unit: ' MB',
      runs: [fresh / MEGABYTE],
      references: [{ name: 'a bare grpc-js server', runs: [residentBytes(bare.pid) / MEGABYTE] }],
    },
    { name: 'memory at rest, after a first transfer', unit: ' MB', runs: [used / MEGABYTE] },
    { name: 'CPU at rest, of one core', unit: ' %', runs: [cpu * 100] },
  ];
}

async function cpuShare({ pid }: SidecarProcess, durationMs: number): Promise<number> {
  const before = cpuTime(pid).ownMs;
  await sleep(durationMs);
  return (cpuTime(pid).ownMs - before) / durationMs;
}
