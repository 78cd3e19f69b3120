import { Agent, type Dispatcher } from 'undici';
import { BlockClient } from './block-client.ts';
import type { EgressPolicy } from './egress.ts';
import { Exchange } from './exchange.ts';
import { guardedConnect, type Lookup } from './guarded-connect.ts';
import type { WebLimits } from './limits.ts';
import type { StreamedResponse, WebRequest, WebResponse } from './web-request.ts';

export interface WebClientOptions {
  readonly limits: WebLimits;
  /** Whom it may connect to. */
  readonly policy: EgressPolicy;
  /** Certificates in PEM to trust besides those that Node trusts. */
  readonly certificates?: readonly string[];
  readonly lookup?: Lookup;
}

/**
 * HTTP/1.1 for stores: connections kept for each origin, bounded in number; timeouts; no redirects and no retries of its own.
 *
 * Methods resolve with any answer, whatever its status, and reject with StatusError when none comes: UNAVAILABLE when the
 * connection breaks, DEADLINE_EXCEEDED when nobody says anything for too long, PERMISSION_DENIED when the policy forbids the
 * address. After an abort they reject at once with `signal.reason`, and the socket is destroyed.
 */
export class WebClient {
  readonly #limits: WebLimits;
  readonly #agent: Agent;
  readonly #blocks: BlockClient;

  constructor({ limits, ...options }: WebClientOptions) {
    const connect = { ...options, connectTimeoutMs: limits.connectTimeoutMs };
    this.#limits = limits;
    this.#blocks = new BlockClient(limits, connect);
    this.#agent = new Agent({
      connections: limits.connectionsPerOriginMax,
      pipelining: 1,
      allowH2: false,
      bodyTimeout: limits.stallTimeoutMs,
      keepAliveTimeout: limits.keepAliveMs,
      connect: guardedConnect(connect),
    });
  }

  /** The whole answer, up to WebLimits.documentSizeBytesMax: for all but the bytes of objects. */
  send(request: WebRequest): Promise<WebResponse> {
    return this.#dispatch(request, false);
  }

  /** The answer as soon as its headers are there, its body as it comes; an answer that is not 2xx has its bytes instead. */
  async open(request: WebRequest): Promise<StreamedResponse> {
    const { method, body, expectedSizeBytes = 0, signal } = request;
    signal.throwIfAborted();
    const isLong = method === 'GET' && body === undefined && expectedSizeBytes >= this.#limits.blockReadSizeBytesMin;
    const answer = isLong ? await this.#blocks.open(request) : undefined;
    return answer ?? this.#dispatch(request, true);
  }

  /** Destroys all connections; requests under way fail, later ones too. */
  close(): Promise<void> {
    this.#blocks.close();
    return this.#agent.destroy();
  }

  #dispatch(request: WebRequest, isStreamed: boolean): Promise<StreamedResponse> {
    if (request.signal.aborted) return Promise.reject(request.signal.reason as Error);
    const exchange = new Exchange(request, this.#limits, isStreamed);
    try {
      this.#agent.dispatch(this.#options(request, exchange), exchange);
    } catch (error) {
      exchange.onResponseError(undefined, error as Error);
    }
    return exchange.promise;
  }

  #options(request: WebRequest, exchange: Exchange): Dispatcher.DispatchOptions {
    const { origin, target, method, body, responseTimeoutMs } = request;
    const { sliceSizeBytes } = this.#limits;
    const isSliced = body instanceof Uint8Array && body.length > 4 * sliceSizeBytes;
    const sent =
      body === undefined || (body instanceof Uint8Array && !isSliced)
        ? body
        : exchange.sent(isSliced ? slices(body, sliceSizeBytes) : (body as AsyncIterable<Uint8Array>));
    return {
      origin,
      path: target,
      method,
      headers: isSliced ? { ...request.headers, 'content-length': String(body.length) } : request.headers,
      headersTimeout: responseTimeoutMs ?? this.#limits.responseTimeoutMs,
      // undici sends async iterables, though its types do not say so.
      body: (sent ?? null) as Uint8Array | null,
    };
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- asynchronous for its reader, which waits for the socket
async function* slices(bytes: Uint8Array, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += sizeBytes) yield bytes.subarray(start, start + sizeBytes);
}
