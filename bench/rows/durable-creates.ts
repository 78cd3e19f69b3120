import { join } from 'node:path';
import { encodeMessage } from '../../src/schema/protos.ts';
import type { Benchmark } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import type { Creates, CreatesServer } from '../processes/creates-server.ts';
import type { FsyncWriter } from '../processes/fsync-writer.ts';
import type { Latencies, LoadGenerator } from '../processes/load-generator.ts';

const CALLER_COUNT = 64;
const GETS_PER_SECOND = 500;
const SLICE_MS = 2000;

export const durableCreates: Benchmark = {
  name: 'durable-creates',
  target: 'create (durable, SQLite, 64 callers) >= 5x one-fsync-per-write; Get p99 during it <= 10 ms',
  run: async (context) => {
    const server = await context.process<CreatesServer>('creates-server.ts');
    const writer = await context.process<FsyncWriter>('fsync-writer.ts');
    const load = await context.process<LoadGenerator>('load-generator.ts');
    const directory = context.directory('databases');
    const { address, name } = await server.call('listen', { databasePath: join(directory, 'bench.db') });
    const message = encodeMessage('google.longrunning.GetOperationRequest', { name });
    const path = '/google.longrunning.Operations/GetOperation';
    const durationMs = context.scaled(SLICE_MS);
    const creates: Creates[] = [];
    const gets: Latencies[] = [];
    const runs = await interleave(context.runCount(7), {
      ours: async () => {
        await load.call('startPaced', { address, path, message, client: 'wire', callsPerSecond: GETS_PER_SECOND });
        creates.push(await server.call('create', { callerCount: CALLER_COUNT, durationMs }));
        gets.push(await load.call('stopPaced'));
        return creates.at(-1)?.perSecond ?? NaN;
      },
      sqlite: () => writer.call('sqlite', { path: join(directory, 'reference.db'), durationMs }),
      append: () => writer.call('append', { path: join(directory, 'reference.log'), durationMs }),
      alone: async () => (await server.call('create', { callerCount: 1, durationMs })).perSecond,
    });
    return [
      {
        name: 'creates, 64 callers, 500 Get/s meanwhile',
        unit: '/s',
        runs: runs.ours,
        references: [
          { name: 'SQLite, a commit each', runs: runs.sqlite, target: { atLeast: 5 } },
          { name: 'a file, fdatasync each', runs: runs.append, target: { atLeast: 5 } },
        ],
      },
      { name: 'a create takes, p99', unit: ' ms', runs: creates.map(({ p99Ms }) => p99Ms) },
      { name: 'Get meanwhile, p50', unit: ' ms', runs: gets.map(({ p50Ms }) => p50Ms) },
      { name: 'Get meanwhile, p99', unit: ' ms', runs: gets.map(({ p99Ms }) => p99Ms), target: { atMost: 10 } },
      {
        name: 'creates, 1 caller',
        unit: '/s',
        runs: runs.alone,
        references: [{ name: 'SQLite, a commit each', runs: runs.sqlite }],
      },
    ];
  },
};
