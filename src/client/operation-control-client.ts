import type { OperationDescriptionMessage, WatchEventMessage, WatchRequest } from './control-messages.ts';
import type { CallOptions, RpcChannel, RpcPath } from './rpc-channel.ts';

/**
 * longrunning.control.v1.OperationControl, the part of those who look at operations. A server that does not have it answers
 * UNIMPLEMENTED.
 */
export class OperationControlClient {
  readonly #channel: RpcChannel;

  constructor(channel: RpcChannel) {
    this.#channel = channel;
  }

  /** Where the operation stands, why it is still queued, and what will happen to it next. */
  describe(name: string, options?: CallOptions): Promise<OperationDescriptionMessage> {
    return this.#channel.call(rpc('DescribeOperation'), { name }, options);
  }

  /** The current state, then each change. The stream of one operation ends after its final state. */
  watch(request: WatchRequest, options?: CallOptions): AsyncGenerator<WatchEventMessage> {
    return this.#channel.stream(rpc('WatchOperations'), request, options);
  }
}

function rpc(name: string): RpcPath {
  return `longrunning.control.v1.OperationControl/${name}`;
}
