import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EgressPolicy } from '../../src/stores/web/egress.ts';

/** Lets tests reach servers on this machine. */
export const LOOPBACK_POLICY: EgressPolicy = [{ host: '127.0.0.1', isPrivateAllowed: true }];

export interface WebServer {
  readonly origin: string;
  /** Sockets open at this instant. */
  connectionCount(): Promise<number>;
  close(): Promise<void>;
}

/** An HTTP server on a free port of this machine. */
export async function startWebServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<WebServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    connectionCount: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
