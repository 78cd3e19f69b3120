import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { DEFAULT_CLIENT_LIMITS } from '../../src/client/limits.ts';
import { LongrunningClient } from '../../src/client/longrunning-client.ts';
import { Code } from '../../src/core/code.ts';
import { FakeServer } from '../support/fake-server.ts';

const CONTROL = 'longrunning.control.v1.OperationControl';

let open: { close(): unknown }[] = [];

afterEach(() => {
  for (const each of open.reverse()) each.close();
  open = [];
});

/** A way to a server that can fall silent: nothing goes through it any more, and no end is told. */
class SilentProxy {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  constructor(port: number) {
    this.#server = createServer((client) => {
      const server = connect(port, '127.0.0.1');
      client.pipe(server).pipe(client);
      for (const socket of [client, server]) socket.on('error', () => undefined);
      this.#sockets.push(client, server);
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  fallSilent(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

test('a watch whose server has vanished without a word ends UNAVAILABLE', async () => {
  const server = await FakeServer.start({
    [CONTROL]: {
      WatchOperations: (call: { write(message: object): void }) => {
        call.write({ cursor: 'c', synced: {} });
      },
    },
  });
  const proxy = new SilentProxy(Number(server.address.split(':')[1]));
  const address = await proxy.listen();
  const limits = { ...DEFAULT_CLIENT_LIMITS, keepaliveTimeMs: 50, keepaliveTimeoutMs: 3000 };
  const client = new LongrunningClient(address, limits);
  open.push(server, proxy, client);
  const watch = client.control.watch({ parent: 'operations' });
  expect((await watch.next()).value).toMatchObject({ cursor: 'c' });
  proxy.fallSilent();
  await expect(watch.next()).rejects.toMatchObject({ code: Code.UNAVAILABLE });
});
