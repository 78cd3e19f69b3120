import { DEFAULT_CLIENT_LIMITS, type ClientLimits } from './limits.ts';
import { OperationControlClient } from './operation-control-client.ts';
import { OperationsClient } from './operations-client.ts';
import { RpcChannel } from './rpc-channel.ts';
import { StorageTransferClient } from './storage-transfer-client.ts';

/**
 * A client of a sidecar, over one connection: `new LongrunningClient('127.0.0.1:50051')`. Close it in the end.
 *
 * All calls reject with a StatusError that carries the server's ErrorInfo, or with the reason of the signal they were given.
 */
export class LongrunningClient {
  readonly operations: OperationsClient;
  readonly transfers: StorageTransferClient;
  readonly control: OperationControlClient;
  readonly limits: ClientLimits;
  readonly #channel: RpcChannel;

  /** @throws StatusError INVALID_ARGUMENT (INVALID_ADDRESS) unless it is `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`. */
  constructor(address: string, limits: Partial<ClientLimits> = {}) {
    this.limits = { ...DEFAULT_CLIENT_LIMITS, ...limits };
    this.#channel = new RpcChannel(address, this.limits);
    this.operations = new OperationsClient(this.#channel);
    this.transfers = new StorageTransferClient(this.#channel);
    this.control = new OperationControlClient(this.#channel);
  }

  /** In the form in which it was understood. */
  get address(): string {
    return this.#channel.address;
  }

  /** Ends the connection; calls under way fail. */
  close(): void {
    this.#channel.close();
  }
}
