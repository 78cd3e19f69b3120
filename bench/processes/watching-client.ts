/** Watches a collection over many streams, by Node's own HTTP/2: it counts messages and reads none. */
import { connect, type ClientHttp2Session } from 'node:http2';
import { encodeMessage } from '../../src/schema/protos.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { serveCalls } from './serve-calls.ts';

const PATH = '/longrunning.control.v1.OperationControl/WatchOperations';
const MESSAGE_HEADER_BYTES = 5;

let sessions: readonly ClientHttp2Session[] = [];
let endedCount = 0;
/** Bytes that each stream has told of, in whole messages. */
const counts: number[] = [];
let lastMs = 0;

export interface WatchOptions {
  readonly address: string;
  readonly parent: string;
  readonly watchCount: number;
  /** For those that share connections. */
  readonly connectionCount: number;
}

/** Opens watches of a collection. */
async function watch(options: WatchOptions): Promise<void> {
  const message = encodeMessage('longrunning.control.v1.WatchOperationsRequest', { parent: options.parent });
  const data = Buffer.alloc(MESSAGE_HEADER_BYTES + message.length);
  data.writeUInt32BE(message.length, 1);
  data.set(message, MESSAGE_HEADER_BYTES);
  sessions = Array.from({ length: options.connectionCount }, () => connect(`http://${options.address}`));
  await Promise.all(sessions.map((session) => new Promise((resolve) => session.once('remoteSettings', resolve))));
  for (let stream = 0; stream < options.watchCount; stream += 1) {
    counts[stream] = 0;
    open(sessions[stream % sessions.length], stream, data);
  }
}

function open(session: ClientHttp2Session | undefined, stream: number, data: Buffer): void {
  if (session === undefined) throw new Error('there is no connection');
  const headers = { ':method': 'POST', ':path': PATH, te: 'trailers', 'content-type': 'application/grpc' };
  const call = session.request(headers);
  let rest: Buffer = Buffer.alloc(0);
  call.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (let end = wholeMessage(rest); end !== undefined; end = wholeMessage(rest)) {
      rest = rest.subarray(end);
      counts[stream] = (counts[stream] ?? 0) + 1;
      lastMs = monotonicMs();
    }
  });
  call.on('close', () => (endedCount += 1));
  call.on('error', () => undefined);
  call.end(data);
}

/** Where the first message ends; undefined when it is not whole yet. */
function wholeMessage(bytes: Buffer): number | undefined {
  if (bytes.length < MESSAGE_HEADER_BYTES) return undefined;
  const end = MESSAGE_HEADER_BYTES + bytes.readUInt32BE(1);
  return bytes.length < end ? undefined : end;
}

/** Resolves when every watch was told so many messages: with when the last one was, on the clock that all processes share. */
async function told(count: number): Promise<number> {
  while (counts.some((told) => told < count)) await new Promise((resolve) => setTimeout(resolve, 1));
  if (endedCount > 0) throw new Error(`${String(endedCount)} watches ended`);
  return lastMs;
}

const calls = { watch, told };
/** Whatever they watch by. */
export type WatchingCalls = typeof calls;
serveCalls(calls);
