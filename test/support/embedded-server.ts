import { Server, ServerCredentials } from '@grpc/grpc-js';
import { LongrunningClient } from '../../src/client/longrunning-client.ts';
import { embed, type EmbedOptions, type EmbeddedOperations } from '../../src/embedded-operations.ts';
import { openMemory } from '../../src/library.ts';

/** A server of grpc-js with embedded operations in memory, as a user of the library has it, and a client of it. */
export class EmbeddedServer {
  readonly lro: EmbeddedOperations;
  readonly address: string;
  readonly client: LongrunningClient;
  readonly #server: Server;

  private constructor(lro: EmbeddedOperations, server: Server, address: string) {
    this.lro = lro;
    this.address = address;
    this.client = new LongrunningClient(address);
    this.#server = server;
  }

  static async start(options: Partial<EmbedOptions> = {}): Promise<EmbeddedServer> {
    const lro = await embed({ database: openMemory(), handlers: {}, ...options });
    const server = new Server();
    lro.addTo(server);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    return new EmbeddedServer(lro, server, `127.0.0.1:${String(port)}`);
  }

  /** Resolves once the operation stands so: told, not polled. */
  async until(name: string, state: string): Promise<void> {
    for await (const { changed } of this.client.control.watch({ name })) if (changed?.state === state) return;
    throw new Error(`${name} ended before it was ${state}`);
  }

  async close(): Promise<void> {
    this.client.close();
    await this.lro.drain(5000);
    this.#server.forceShutdown();
  }
}
