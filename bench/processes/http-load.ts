/** GETs one path over and over on kept connections, by bare sockets: a real client would cost more than the server that is measured. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { monotonicMs } from '../frame/monotonic.ts';
import type { Throughput } from './load-generator.ts';
import { serveCalls } from './serve-calls.ts';

export interface HttpLoad {
  readonly address: string;
  readonly path: string;
  /** How every answer ends. */
  readonly body: string;
  readonly connectionCount: number;
  readonly durationMs: number;
}

const HEADER_END = '\r\n\r\n';

/** One request at a time on each connection; each answer sends the next. */
async function saturate(load: HttpLoad): Promise<Throughput> {
  const startMs = monotonicMs();
  const callCounts = await Promise.all(
    Array.from({ length: load.connectionCount }, () => callUntil(startMs + load.durationMs, load)),
  );
  return { callCount: callCounts.reduce((sum, count) => sum + count, 0), durationMs: monotonicMs() - startMs };
}

async function callUntil(endMs: number, { address, path, body }: HttpLoad): Promise<number> {
  const { hostname, port } = new URL(`http://${address}`);
  const socket = connect(Number(port), hostname).setNoDelay(true).setEncoding('latin1');
  await once(socket, 'connect');
  const request = `GET ${path} HTTP/1.1\r\nHost: ${address}\r\n\r\n`;
  const expected = Buffer.from(body).toString('latin1');
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let callCount = 0;
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
    const bodyStart = text.indexOf(HEADER_END) + HEADER_END.length;
    if (bodyStart < HEADER_END.length || text.length < bodyStart + expected.length) return;
    if (!text.startsWith('HTTP/1.1 200') || text.slice(bodyStart) !== expected) reject(new Error(`${path}: ${text}`));
    callCount += 1;
    text = '';
    if (monotonicMs() < endMs) socket.write(request);
    else resolve(callCount);
  });
  socket.once('close', () => {
    reject(new Error(`${address} closed a connection`));
  });
  socket.write(request);
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

const calls = { saturate };
export type HttpLoadGenerator = typeof calls;
serveCalls(calls);
