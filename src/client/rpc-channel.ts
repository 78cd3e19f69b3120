import {
  Client,
  credentials,
  type ClientReadableStream,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { formatAddress, parseAddress } from '../core/address.ts';
import { invalidArgument } from '../core/status-error.ts';
import { findService } from '../schema/protos.ts';
import { callError } from './call-error.ts';
import type { ClientLimits } from './limits.ts';

/** What every call takes. */
export interface CallOptions {
  /** Aborts the call at the server too; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Until it fails with DEADLINE_EXCEEDED, milliseconds. Streams have no end of their own unless it is given. */
  readonly timeoutMs?: number;
}

/** `package.Service/Rpc`. */
export type RpcPath = `${string}/${string}`;

/**
 * A connection to one server, made at the first call and made anew when it breaks. Calls reject with a StatusError that carries the
 * server's ErrorInfo, or with the reason of their signal.
 */
export class RpcChannel {
  readonly address: string;
  readonly limits: ClientLimits;
  readonly #client: Client;

  /** @throws StatusError INVALID_ARGUMENT (INVALID_ADDRESS) unless it is `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`. */
  constructor(address: string, limits: ClientLimits) {
    const parsed = parseAddress(address);
    if (parsed === undefined) {
      throw invalidArgument('address', `${address} is not HOST:PORT or unix:PATH`, { reason: 'INVALID_ADDRESS' });
    }
    this.address = formatAddress(parsed);
    this.limits = limits;
    this.#client = new Client(this.address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': limits.receiveSizeMaxBytes,
      'grpc.max_send_message_length': -1,
      // Each channel has a connection of its own, so that closing one ends no other's calls.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.keepalive_time_ms': limits.keepaliveTimeMs,
      'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
      'grpc.keepalive_permit_without_calls': 0,
      'grpc.initial_reconnect_backoff_ms': limits.reconnectDelayMs.initialMs,
      'grpc.max_reconnect_backoff_ms': limits.reconnectDelayMs.maxMs,
    });
  }

  /** One request, one answer. */
  call<Response>(path: RpcPath, request: object, options: CallOptions = {}): Promise<Response> {
    const { signal, timeoutMs = this.limits.callTimeoutMs } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const method = methodOf(path);
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        { deadline: Date.now() + timeoutMs },
        (error, response) => {
          unhook();
          if (error === null) resolve(response as Response);
          else reject(signal?.aborted === true ? (signal.reason as Error) : callError(error, this.address));
        },
      );
      const unhook = onAbort(signal, () => {
        call.cancel();
      });
    });
  }

  /** One request, many answers. Leaving the loop ends the call at the server. */
  async *stream<Response>(path: RpcPath, request: object, options: CallOptions = {}): AsyncGenerator<Response> {
    const { signal, timeoutMs } = options;
    signal?.throwIfAborted();
    const method = methodOf(path);
    const deadline = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
    const call: ClientReadableStream<unknown> = this.#client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      deadline,
    );
    const unhook = onAbort(signal, () => {
      call.cancel();
    });
    try {
      for await (const response of call) yield response as Response;
    } catch (error) {
      signal?.throwIfAborted();
      throw callError(error as ServiceError, this.address);
    } finally {
      unhook();
      // A cancelled stream tells its end as an error that nobody waits for any more.
      call.on('error', () => undefined);
      call.cancel();
    }
  }

  /** Ends the connection; calls under way fail. */
  close(): void {
    this.#client.close();
  }
}

function onAbort(signal: AbortSignal | undefined, run: () => void): () => void {
  signal?.addEventListener('abort', run, { once: true });
  return () => signal?.removeEventListener('abort', run);
}

function methodOf(path: RpcPath): MethodDefinition<object, object> {
  const [service = '', rpc = ''] = path.split('/');
  const method = findService(service)?.[rpc];
  if (method === undefined) throw new Error(`${path} is not an RPC of the loaded protos`);
  return method;
}
