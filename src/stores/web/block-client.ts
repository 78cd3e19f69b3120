import { BlockBody } from './block-body.ts';
import { UnusualAnswer, type BlockConnection } from './block-connection.ts';
import { BlockConnections } from './block-connections.ts';
import type { ConnectOptions } from './guarded-connect.ts';
import type { WebLimits } from './limits.ts';
import { requestHead } from './request-head.ts';
import { connectionFailure } from './web-failure.ts';
import type { StreamedResponse, WebRequest } from './web-request.ts';

/**
 * GETs of long bodies, which are read into memory that is used again (docs/decisions/0029).
 *
 * It knows the plainest of answers only, and leaves all others to undici.
 */
export class BlockClient {
  readonly #limits: WebLimits;
  readonly #connect: ConnectOptions;
  readonly #origins = new Map<string, BlockConnections>();
  /** They answer in ways that are left to undici. */
  readonly #unusual = new Set<string>();
  #isClosed = false;

  constructor(limits: WebLimits, connect: ConnectOptions) {
    this.#limits = limits;
    this.#connect = connect;
  }

  /** As WebClient.open; undefined for what has to be sent by undici, from the beginning. */
  async open(request: WebRequest): Promise<StreamedResponse | undefined> {
    const { origin, signal } = request;
    if (this.#isClosed || this.#unusual.has(origin)) return undefined;
    const head = requestHead(request);
    const connections = this.#connectionsTo(origin);
    if (head === undefined || !connections.hasRoom) return undefined;
    try {
      const connection = await connections.acquire(signal);
      return await this.#ask(request, head, connection, connections);
    } catch (error) {
      if (!(error instanceof UnusualAnswer)) throw failureOf(request, error);
      if (!isForOneRequest(error.status)) this.#unusual.add(origin);
      return undefined;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const connections of this.#origins.values()) connections.close();
  }

  async #ask(
    request: WebRequest,
    requestText: string,
    connection: BlockConnection,
    connections: BlockConnections,
  ): Promise<StreamedResponse> {
    const { signal, responseTimeoutMs = this.#limits.responseTimeoutMs } = request;
    const onAbort = (): void => {
      connection.destroy(signal.reason);
    };
    const onEnd = (): void => {
      signal.removeEventListener('abort', onAbort);
      connections.release(connection);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    // Before anybody listened.
    if (signal.aborted) onAbort();
    try {
      const { status, headers } = await connection.request(requestText, responseTimeoutMs);
      const body = new BlockBody(connection, onEnd, (error) => failureOf(request, error));
      if (status < 300) return { status, headers, bytes: NOTHING, body };
      return { status, headers, bytes: await beginningOf(body, this.#limits.errorSizeBytesMax) };
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  #connectionsTo(origin: string): BlockConnections {
    let connections = this.#origins.get(origin);
    connections ??= new BlockConnections(origin, this.#limits, this.#connect);
    this.#origins.set(origin, connections);
    return connections;
  }
}

const NOTHING = Buffer.alloc(0);

/**
 * Errors that tell of one request come in chunks from services that send objects plainly, such as S3. One that has too much to do is not
 * asked everything twice.
 */
function isForOneRequest(status = 0): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

function failureOf(request: WebRequest, error: unknown): unknown {
  return request.signal.aborted ? request.signal.reason : connectionFailure(request, error);
}

/** The beginning of an error says enough. */
async function beginningOf(body: BlockBody, sizeBytesMax: number): Promise<Uint8Array> {
  let bytes = NOTHING;
  for await (const chunk of body) {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length >= sizeBytesMax) break;
  }
  return bytes;
}
