/** Answers every request with 200 as soon as it has come whole, and keeps nothing: what is left is the client's cost. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveCalls } from './serve-calls.ts';

async function listen(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(200, { etag: '"d41d8cd98f00b204e9800998ecf8427e"' }).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const calls = { listen };
export type NullS3 = typeof calls;
serveCalls(calls);
