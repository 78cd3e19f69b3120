import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { findService } from '../../src/schema/protos.ts';

/** A grpc-js server made from our protos, with the handlers a test gives: services by full name, RPCs by name. */
export class FakeServer {
  readonly #server = new Server();
  /** Such as `127.0.0.1:40001`. */
  address = '';

  static async start(services: Readonly<Record<string, UntypedServiceImplementation>>): Promise<FakeServer> {
    const fake = new FakeServer();
    for (const [name, handlers] of Object.entries(services)) fake.#server.addService(findService(name) ?? {}, handlers);
    const port = await new Promise<number>((resolve, reject) => {
      fake.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    fake.address = `127.0.0.1:${String(port)}`;
    return fake;
  }

  close(): void {
    this.#server.forceShutdown();
  }
}
