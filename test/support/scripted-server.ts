import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeRequest {
  readonly method: string;
  /** As it came, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** What goes wrong with one request. */
export type Fault =
  /** It is answered without being looked at. */
  | { readonly kind: 'answer'; readonly answer: FakeAnswer }
  /** It is carried out, and the connection ends after so many bytes of the answer's body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** It is carried out, and nobody is told. */
  | { readonly kind: 'lose-answer' }
  /** The connection ends after so many bytes of the request's body; nothing is carried out. */
  | { readonly kind: 'cut-request'; readonly afterBytes: number }
  /** It is carried out; the answer's body comes in pieces of so many bytes, and each waits for `release()`. */
  | { readonly kind: 'drip'; readonly pieceBytes: number; readonly release: () => Promise<void> }
  /** Headers come, then not one byte of the body. */
  | { readonly kind: 'stall' };

interface ScriptedFault {
  readonly isFor: (request: FakeRequest) => boolean;
  readonly fault: Fault;
  restCount: number;
}

type Handler = (request: FakeRequest) => FakeAnswer;

/**
 * An HTTP server on loopback whose answers are a pure function of requests, and go wrong where a script says so.
 *
 * The base of fakes: they hold whole bodies, so objects in tests are small.
 */
export class ScriptedServer {
  /** Everything that was asked, in order; bodies included. */
  readonly requests: FakeRequest[] = [];
  readonly #handler: Handler;
  readonly #faults: ScriptedFault[] = [];
  readonly #server: Server;

  private constructor(handler: Handler) {
    this.#handler = handler;
    this.#server = createServer((incoming, response) => {
      void this.#serve(incoming, response);
    });
  }

  static async start(handler: Handler): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(handler);
    await new Promise<void>((resolve) => scripted.#server.listen(0, '127.0.0.1', resolve));
    return scripted;
  }

  /** Such as `http://127.0.0.1:40001`. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next `count` requests that `isFor` wants fare so; scripts are tried in the order they were given. */
  fail(isFor: (request: FakeRequest) => boolean, fault: Fault, count = 1): void {
    this.#faults.push({ isFor, fault, restCount: count });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const head = headOf(incoming);
    const fault = this.#faultFor({ ...head, body: Buffer.alloc(0) });
    const body = await bodyOf(incoming, fault?.kind === 'cut-request' ? fault.afterBytes : Infinity);
    if (body === undefined) return;
    const request = { ...head, body };
    this.requests.push(request);
    const answer = fault?.kind === 'answer' ? fault.answer : this.#handler(request);
    if (fault?.kind === 'lose-answer') incoming.socket.destroy();
    else await send(response, answer, fault, head.method === 'HEAD');
  }

  #faultFor(request: FakeRequest): Fault | undefined {
    const found = this.#faults.find(({ restCount, isFor }) => restCount > 0 && isFor(request));
    if (found !== undefined) found.restCount -= 1;
    return found?.fault;
  }
}

function headOf(incoming: IncomingMessage): Omit<FakeRequest, 'body'> {
  const [path = '', search = ''] = (incoming.url ?? '').split('?', 2);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: incoming.method ?? '',
    path,
    query: new URLSearchParams(search),
    headers: Object.fromEntries(headers) as Record<string, string>,
  };
}

/** undefined when the connection ended before the body did, by itself or by us. */
async function bodyOf(incoming: IncomingMessage, afterBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes < afterBytes) continue;
      incoming.socket.destroy();
      return undefined;
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

async function send(
  response: ServerResponse,
  { status, headers = {}, body = '' }: FakeAnswer,
  fault: Fault | undefined,
  isHead: boolean,
): Promise<void> {
  const bytes = Buffer.from(body);
  const hasLength = 'content-length' in headers || 'transfer-encoding' in headers;
  const length = hasLength || isHead || status === 204 ? {} : { 'content-length': String(bytes.length) };
  response.writeHead(status, { ...length, ...headers });
  if (isHead) response.end();
  else if (fault?.kind === 'cut') response.write(bytes.subarray(0, fault.afterBytes), () => response.socket?.destroy());
  else if (fault?.kind === 'stall') response.flushHeaders();
  else if (fault?.kind === 'drip') await drip(response, bytes, fault);
  else response.end(bytes);
}

async function drip(
  response: ServerResponse,
  bytes: Buffer,
  { pieceBytes, release }: { readonly pieceBytes: number; readonly release: () => Promise<void> },
): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    response.write(bytes.subarray(offset, offset + pieceBytes));
    await release();
  }
  response.end();
}
