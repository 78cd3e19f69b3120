import { credentials, makeClientConstructor, type Client } from '@grpc/grpc-js';
import { findService, type Message } from '../../src/schema/protos.ts';

const TRANSFERS = 'google.storagetransfer.v1.StorageTransferService';
const OPERATIONS = 'google.longrunning.Operations';
const PROJECT = 'bench';

/** A directory; or the objects of a bucket below a path, which ends with a slash. */
export type TransferPlace = string | { readonly bucketName: string; readonly path: string };

/** A stock grpc-js client of a sidecar, with what benchmarks ask of it. */
export class TransferClient {
  readonly #clients: Readonly<Record<string, Client>>;

  constructor(address: string) {
    this.#clients = Object.fromEntries([TRANSFERS, OPERATIONS].map((service) => [service, connect(service, address)]));
  }

  /** A job from one place to another, that only runs when it is told to. @returns its name. */
  async createJob(source: TransferPlace, sink: TransferPlace): Promise<string> {
    const transferSpec = {
      ...(typeof source === 'string' ? { posixDataSource: { rootDirectory: source } } : { gcsDataSource: source }),
      ...(typeof sink === 'string' ? { posixDataSink: { rootDirectory: sink } } : { gcsDataSink: sink }),
    };
    const job = await this.#call(TRANSFERS, 'CreateTransferJob', {
      transferJob: { projectId: PROJECT, status: 'ENABLED', transferSpec },
    });
    return job['name'] as string;
  }

  /** @returns the operation's name. */
  async run(jobName: string): Promise<string> {
    const operation = await this.#call(TRANSFERS, 'RunTransferJob', { jobName, projectId: PROJECT });
    return operation['name'] as string;
  }

  async get(name: string): Promise<Message> {
    return this.#call(OPERATIONS, 'GetOperation', { name });
  }

  async cancel(name: string): Promise<void> {
    await this.#call(OPERATIONS, 'CancelOperation', { name });
  }

  /** The operation when it is done. */
  async wait(name: string): Promise<Message> {
    for (;;) {
      const operation = await this.#call(OPERATIONS, 'WaitOperation', { name, timeout: { seconds: '600' } });
      if (operation['done'] === true) return operation;
    }
  }

  /** Creates a job, runs it and waits. @throws Error when it did not end well. */
  async transfer(source: TransferPlace, sink: TransferPlace): Promise<string> {
    const name = await this.run(await this.createJob(source, sink));
    const operation = await this.wait(name);
    if (operation['response'] === undefined) {
      throw new Error(`${name} failed: ${JSON.stringify(operation['error'])}`);
    }
    return name;
  }

  close(): void {
    for (const client of Object.values(this.#clients)) client.close();
  }

  #call(service: string, rpc: string, request: object): Promise<Message> {
    const method = findService(service)?.[rpc];
    const client = this.#clients[service];
    if (method === undefined || client === undefined) throw new Error(`${service} has no ${rpc}`);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        (error, answer) => {
          if (error === null) resolve(answer as Message);
          else reject(error);
        },
      );
    });
  }
}

function connect(service: string, address: string): Client {
  const Client = makeClientConstructor(findService(service) ?? {}, service);
  return new Client(address, credentials.createInsecure());
}
