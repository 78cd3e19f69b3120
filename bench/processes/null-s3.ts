/**
 * Answers every request with 200 as soon as it has come whole, and keeps nothing: what is left is the client's cost. GET answers the
 * range that is asked for, of bytes that are always the same.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveCalls } from './serve-calls.ts';

const ETAG = '"d41d8cd98f00b204e9800998ecf8427e"';
const CHUNK = Buffer.alloc(2 ** 20, 7);

async function listen(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      if (request.method === 'GET') void sendRange(request, response);
      else response.writeHead(200, { etag: ETAG }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** @throws nothing: whoever hangs up has had enough. */
async function sendRange({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  const lengthBytes = Number(last) + 1 - Number(first);
  response.writeHead(206, {
    etag: ETAG,
    'content-length': lengthBytes,
    // One larger than all that is asked for: its end is nobody's.
    'content-range': `bytes ${first}-${last}/${String(2 ** 40)}`,
    'last-modified': new Date(0).toUTCString(),
  });
  for (let sent = 0; sent < lengthBytes && !response.destroyed; sent += CHUNK.length) {
    if (!response.write(CHUNK.subarray(0, lengthBytes - sent))) await once(response, 'drain').catch(() => undefined);
  }
  response.end();
}

const calls = { listen };
export type NullS3 = typeof calls;
serveCalls(calls);
