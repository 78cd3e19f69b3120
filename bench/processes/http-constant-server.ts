/** Every request answered from a constant: node:http at its fastest, with the headers that the sidecar sends. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveCalls } from './serve-calls.ts';

async function listen({
  headers,
  body,
}: {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, headers);
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

const calls = { listen };
export type HttpConstantServer = typeof calls;
serveCalls(calls);
