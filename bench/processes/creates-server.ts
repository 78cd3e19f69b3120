/** A sidecar in whose process callers create operations, as the owner of a slow RPC does. */
import { monotonicMs } from '../frame/monotonic.ts';
import { percentile } from '../frame/statistics.ts';
import { queueOperation, startOperationsServer, type OperationsServer } from './operations-server.ts';
import { serveCalls } from './serve-calls.ts';

export interface Creates {
  readonly perSecond: number;
  readonly p99Ms: number;
}

let server: OperationsServer | undefined;
let createdCount = 0;

/** @returns the address of gRPC, and an operation to Get. */
async function listen(options: { readonly databasePath: string }): Promise<{ address: string; name: string }> {
  server = await startOperationsServer(options);
  const name = 'operations/bench-idle';
  await queueOperation(server, name, 'bench.nobody');
  return { address: server.address, name };
}

/** Callers that each create one operation after the other, for so long. */
async function create({
  callerCount,
  durationMs,
}: {
  readonly callerCount: number;
  readonly durationMs: number;
}): Promise<Creates> {
  const into = server;
  if (into === undefined) throw new Error('listen comes first');
  const startMs = monotonicMs();
  const latenciesMs: number[] = [];
  const caller = async (): Promise<void> => {
    while (monotonicMs() - startMs < durationMs) {
      const sentMs = monotonicMs();
      await queueOperation(into, `operations/bench-${String((createdCount += 1))}`, 'bench.nobody');
      latenciesMs.push(monotonicMs() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: callerCount }, caller));
  const seconds = (monotonicMs() - startMs) / 1000;
  return { perSecond: latenciesMs.length / seconds, p99Ms: percentile(latenciesMs, 0.99) };
}

const calls = { listen, create };
export type CreatesServer = typeof calls;
serveCalls(calls);
