/** Parks many waits at a server. */
import { encodeMessage } from '../../src/schema/protos.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { WireConnection } from '../wire/wire-connection.ts';
import { serveCalls } from './serve-calls.ts';

const PATH = '/google.longrunning.Operations/WaitOperation';

let connections: readonly WireConnection[] = [];
let answeredCount = 0;
let failedCount = 0;
let lastAnswerMs = 0;

async function connect({ address, count }: { readonly address: string; readonly count: number }): Promise<void> {
  connections = await Promise.all(Array.from({ length: count }, () => WireConnection.open(address)));
}

/** Sends a wait for each name, spread over the connections. */
async function wait(names: readonly string[]): Promise<void> {
  answeredCount = failedCount = 0;
  names.forEach((name, position) => {
    const connection = connections[position % connections.length];
    if (connection === undefined) throw new Error('connect comes first');
    connection.call(
      connection.method(PATH),
      encodeMessage('google.longrunning.WaitOperationRequest', { name }),
      (answer) => {
        answeredCount += 1;
        failedCount += answer === undefined ? 1 : 0;
        lastAnswerMs = monotonicMs();
      },
    );
  });
}

/** Resolves when so many were answered: with when the last one was, on the clock that all processes share. */
async function answered(count: number): Promise<number> {
  while (answeredCount < count) await new Promise((resolve) => setTimeout(resolve, 5));
  if (failedCount > 0) throw new Error(`${String(failedCount)} waits failed`);
  return lastAnswerMs;
}

const calls = { connect, wait, answered };
export type WaitingClient = typeof calls;
serveCalls(calls);
