/** Watches a collection over many event streams, a connection each, by bare sockets: it counts messages and reads none. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { monotonicMs } from '../frame/monotonic.ts';
import { serveCalls } from './serve-calls.ts';
import type { WatchingCalls } from './watching-client.ts';

/** How each message's line begins; heartbeats and the stream's beginning have none. */
const MESSAGE_START = '\ndata: ';
/** Opened at a time: more would not fit into the queue of connections that wait to be accepted. */
const OPENED_AT_ONCE = 100;

let endedCount = 0;
/** Messages that each stream was told. */
const counts: number[] = [];
let lastMs = 0;

const watch: WatchingCalls['watch'] = async ({ address, parent, watchCount }) => {
  for (let first = 0; first < watchCount; first += OPENED_AT_ONCE) {
    const count = Math.min(OPENED_AT_ONCE, watchCount - first);
    await Promise.all(Array.from({ length: count }, (_, index) => open(address, parent, first + index)));
  }
};

async function open(address: string, parent: string, stream: number): Promise<void> {
  const { hostname, port } = new URL(`http://${address}`);
  const socket = connect(Number(port), hostname).setEncoding('latin1');
  await once(socket, 'connect');
  counts[stream] = 0;
  count(socket, stream);
  socket.on('close', () => (endedCount += 1));
  socket.on('error', () => undefined);
  socket.write(`GET /v1/${parent}:watchAll HTTP/1.1\r\nHost: ${address}\r\n\r\n`);
}

function count(socket: Socket, stream: number): void {
  let rest = '';
  socket.on('data', (text: string) => {
    const parts = (rest + text).split(MESSAGE_START);
    // What may be the beginning of the next one.
    rest = parts.at(-1)?.slice(1 - MESSAGE_START.length) ?? '';
    if (parts.length === 1) return;
    counts[stream] = (counts[stream] ?? 0) + parts.length - 1;
    lastMs = monotonicMs();
  });
}

const told: WatchingCalls['told'] = async (count) => {
  while (counts.some((told) => told < count)) await new Promise((resolve) => setTimeout(resolve, 1));
  if (endedCount > 0) throw new Error(`${String(endedCount)} watches ended`);
  return lastMs;
};

serveCalls({ watch, told });
