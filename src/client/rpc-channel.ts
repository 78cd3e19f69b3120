import {
  Client,
  credentials,
  type ClientReadableStream,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { formatAddress, parseAddress } from '../core/address.ts';
import { Code } from '../core/code.ts';
import { invalidArgument, StatusError } from '../core/status-error.ts';
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
  #isClosed = false;

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
  async call<Response>(path: RpcPath, request: object, options: CallOptions = {}): Promise<Response> {
    const { signal, timeoutMs = this.limits.callTimeoutMs } = options;
    signal?.throwIfAborted();
    const method = methodOf(path);
    const encoded = this.#encode(path, request);
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        asEncoded,
        method.responseDeserialize,
        encoded,
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
      asEncoded,
      method.responseDeserialize,
      this.#encode(path, request),
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
    this.#isClosed = true;
    this.#client.close();
  }

  /**
   * The bytes of a request, which go as they are: what cannot be sent is refused here and in words of its own, not by the transport as
   * an internal error.
   */
  #encode(path: RpcPath, request: object): Buffer {
    if (this.#isClosed) throw closed(this.address);
    const encoded = encodeRequest(path, request);
    const { sendSizeMaxBytes } = this.limits;
    if (encoded.length > sendSizeMaxBytes) throw tooLarge(path, encoded.length, sendSizeMaxBytes);
    return encoded;
  }
}

function asEncoded(encoded: Buffer): Buffer {
  return encoded;
}

function encodeRequest(path: RpcPath, request: object): Buffer {
  const { requestSerialize } = methodOf(path);
  try {
    return requestSerialize(request);
  } catch (cause) {
    throw new StatusError(Code.INVALID_ARGUMENT, `${path}: the request cannot be encoded: ${String(cause)}`, {
      reason: 'REQUEST_NOT_ENCODABLE',
      metadata: { method: path },
      cause,
    });
  }
}

function tooLarge(path: RpcPath, sizeBytes: number, sizeMaxBytes: number): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `${path}: the request has ${String(sizeBytes)} bytes, and at most ${String(sizeMaxBytes)} are sent; send less`,
    {
      reason: 'MESSAGE_TOO_LARGE',
      metadata: { method: path, sizeBytes: String(sizeBytes), sizeMaxBytes: String(sizeMaxBytes) },
      isFinal: true,
    },
  );
}

function closed(address: string): StatusError {
  return new StatusError(Code.FAILED_PRECONDITION, `the client of ${address} is closed; make another one`, {
    reason: 'CLIENT_CLOSED',
    metadata: { address },
  });
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
