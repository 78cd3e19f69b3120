import { durationOf } from '../schema/duration.ts';
import { eachItem } from './each-item.ts';
import type { ListRequest, OperationMessage, Page } from './messages.ts';
import type { CallOptions, RpcChannel, RpcPath } from './rpc-channel.ts';

/** Of ListOperations. */
export interface ListOperationsRequest extends ListRequest {
  /** The collection, such as `operations` or `transferOperations`. */
  readonly name: string;
}

interface ListOperationsResponse {
  readonly operations?: readonly OperationMessage[];
  readonly nextPageToken?: string;
}

/** google.longrunning.Operations. Every method rejects with the server's StatusError. */
export class OperationsClient {
  readonly #channel: RpcChannel;

  constructor(channel: RpcChannel) {
    this.#channel = channel;
  }

  get(name: string, options?: CallOptions): Promise<OperationMessage> {
    return this.#channel.call(rpc('GetOperation'), { name }, options);
  }

  async list(request: ListOperationsRequest, options?: CallOptions): Promise<Page<OperationMessage>> {
    const page = await this.#channel.call<ListOperationsResponse>(rpc('ListOperations'), request, options);
    return { items: page.operations ?? [], nextPageToken: page.nextPageToken ?? '' };
  }

  /** All of them, page by page, as they are asked for. */
  listAll(request: ListOperationsRequest, options?: CallOptions): AsyncGenerator<OperationMessage> {
    return eachItem((page) => this.list({ ...request, ...page }, options), this.#channel.limits.pageCountMax);
  }

  /**
   * The operation once it is done, or as it is when the time is over.
   *
   * @param timeoutMs  how long it may be waited for. The server may answer earlier.
   */
  wait(name: string, timeoutMs: number, { signal }: Pick<CallOptions, 'signal'> = {}): Promise<OperationMessage> {
    const request = { name, timeout: durationOf(timeoutMs) };
    const options = {
      timeoutMs: timeoutMs + this.#channel.limits.marginMs,
      ...(signal === undefined ? {} : { signal }),
    };
    return this.#channel.call(rpc('WaitOperation'), request, options);
  }

  /** Asks for the operation's end. It has stopped once it is done. */
  async cancel(name: string, options?: CallOptions): Promise<void> {
    await this.#channel.call(rpc('CancelOperation'), { name }, options);
  }

  /** Forgets the operation; its work goes on. */
  async delete(name: string, options?: CallOptions): Promise<void> {
    await this.#channel.call(rpc('DeleteOperation'), { name }, options);
  }
}

function rpc(name: string): RpcPath {
  return `google.longrunning.Operations/${name}`;
}
