import { protos, StorageTransferServiceClient } from '@google-cloud/storage-transfer';
import { credentials } from '@grpc/grpc-js';
import { until } from './until.ts';

// The client asks Google's metadata server who it is, unless it is told that there is none.
process.env['METADATA_SERVER_DETECTION'] = 'none';

type GoogleOperation = protos.google.longrunning.IOperation;

const { CancelOperationRequest, GetOperationRequest } = protos.google.longrunning;

export const PROJECT = 'demo';

/** Counters of a transfer by name; one that is zero is there all the same. */
export type Counters = Readonly<Record<string, number>>;

/** The TransferOperation in an operation's metadata. */
export interface SeenTransfer {
  readonly status: string;
  readonly counters: Counters;
  readonly errorBreakdowns?: readonly unknown[];
  readonly endTime?: unknown;
}

/** What GetOperation said. */
export interface SeenOperation extends SeenTransfer {
  readonly operation: GoogleOperation;
}

/** Two directories of a job. */
export interface Route {
  readonly source: string;
  readonly sink: string;
  readonly metadataOptions?: protos.google.storagetransfer.v1.IMetadataOptions;
}

/** A stock client of a sidecar, and what people do with it. */
export class TransferClient {
  readonly stock: StorageTransferServiceClient;

  /** @param address  such as `127.0.0.1:40001`. */
  constructor(address: string) {
    const [apiEndpoint = '', port] = address.split(':');
    this.stock = new StorageTransferServiceClient({
      apiEndpoint,
      port: Number(port),
      sslCreds: credentials.createInsecure(),
    });
  }

  async createJob({ source, sink, metadataOptions }: Route): Promise<string> {
    const transferSpec = {
      posixDataSource: { rootDirectory: source },
      posixDataSink: { rootDirectory: sink },
      ...(metadataOptions === undefined ? {} : { transferOptions: { metadataOptions } }),
    };
    const transferJob = { projectId: PROJECT, status: 'ENABLED' as const, transferSpec };
    const [job] = await this.stock.createTransferJob({ transferJob });
    return job.name ?? '';
  }

  async job(jobName: string): Promise<protos.google.storagetransfer.v1.ITransferJob> {
    const [job] = await this.stock.getTransferJob({ jobName, projectId: PROJECT });
    return job;
  }

  /** @returns the operation's name. */
  async run(jobName: string): Promise<string> {
    const [operation] = await this.stock.runTransferJob({ jobName, projectId: PROJECT });
    return operation.name ?? '';
  }

  /** Creates a job and runs it. @returns the operation's name. */
  async transfer(route: Route): Promise<string> {
    return this.run(await this.createJob(route));
  }

  async get(name: string): Promise<SeenOperation> {
    const [operation] = await this.stock.getOperation(GetOperationRequest.create({ name }));
    return { operation, ...seenTransfer(operation.metadata) };
  }

  async cancel(name: string): Promise<void> {
    await this.stock.cancelOperation(CancelOperationRequest.create({ name }));
  }

  async pause(name: string): Promise<void> {
    await this.stock.pauseTransferOperation({ name });
  }

  async resume(name: string): Promise<void> {
    await this.stock.resumeTransferOperation({ name });
  }

  untilDone(name: string): Promise<SeenOperation> {
    return this.untilSeen(name, ({ operation }) => operation.done === true);
  }

  untilStatus(name: string, status: string): Promise<SeenOperation> {
    return this.untilSeen(name, (seen) => seen.status === status);
  }

  /** Polls until it is as it should be. */
  untilSeen(name: string, isSo: (seen: SeenOperation) => boolean): Promise<SeenOperation> {
    return until(`${name} to be seen`, async () => {
      const seen = await this.get(name);
      return isSo(seen) && seen;
    });
  }

  close(): Promise<void> {
    return this.stock.close();
  }
}

/** What an operation's metadata says, read by the client's own protos. */
export function seenTransfer(metadata: { readonly value?: unknown } | null | undefined): SeenTransfer {
  const { TransferOperation } = protos.google.storagetransfer.v1;
  const decoded = TransferOperation.decode(metadata?.value as Uint8Array);
  const { counters, ...seen } = TransferOperation.toObject(decoded, { enums: String, longs: Number }) as SeenTransfer;
  return { ...seen, counters: { ...NO_COUNTS, ...counters } };
}

const NO_COUNTS: Counters = {
  objectsFoundFromSource: 0,
  bytesFoundFromSource: 0,
  objectsFromSourceSkippedBySync: 0,
  bytesFromSourceSkippedBySync: 0,
  objectsCopiedToSink: 0,
  bytesCopiedToSink: 0,
  objectsFromSourceFailed: 0,
  bytesFromSourceFailed: 0,
};
