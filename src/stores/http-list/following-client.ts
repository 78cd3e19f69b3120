import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { WebClient } from '../web/web-client.ts';
import { headerOf, type StreamedResponse, type WebRequest, type WebResponse } from '../web/web-request.ts';

export interface Question {
  readonly method: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Asked before each hop; rejects where a URL may not be asked for. */
export type Gate = (url: URL, signal: AbortSignal) => Promise<void>;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** How we call ourselves to servers; robots.txt has rules for the first word. */
export const USER_AGENT = 'Longrunning';

/**
 * Asks for URLs and follows redirects, a bounded number of them: the client's egress policy and the gate see every hop.
 */
export class FollowingClient {
  readonly #client: WebClient;
  readonly #redirectCountMax: number;
  readonly #gate: Gate;

  constructor(client: WebClient, redirectCountMax: number, gate: Gate = () => Promise.resolve()) {
    this.#client = client;
    this.#redirectCountMax = redirectCountMax;
    this.#gate = gate;
  }

  /** The first answer that is no redirect, whatever its status; a good one's body as it comes. */
  async open(address: string, { method, headers = {}, signal }: Question): Promise<StreamedResponse> {
    let url = new URL(address);
    for (let redirectCount = 0; redirectCount <= this.#redirectCountMax; redirectCount += 1) {
      await this.#gate(url, signal);
      const response = await this.#client.open(requestOf(url, { method, headers, signal }));
      if (!REDIRECTS.has(response.status)) return response;
      url = nextOf(url, response);
    }
    const text = `${nameOf(new URL(address))}: the server redirects more than ${this.#redirectCountMax} times`;
    throw new StatusError(Code.FAILED_PRECONDITION, text, { reason: 'REDIRECTED', isFinal: true });
  }
}

/** For messages: without the query, which may hold a signature. */
export function nameOf({ origin, pathname }: URL): string {
  return origin + pathname;
}

function requestOf(url: URL, { method, headers, signal }: Required<Question>): WebRequest {
  return {
    method,
    origin: url.origin,
    target: url.pathname + url.search,
    // Bytes as the server keeps them: sizes and checksums of lists are those.
    headers: { 'user-agent': USER_AGENT, accept: '*/*', 'accept-encoding': 'identity', ...headers },
    resource: nameOf(url),
    signal,
  };
}

function nextOf(url: URL, response: WebResponse): URL {
  const location = headerOf(response, 'location') ?? '';
  const next = location === '' ? null : URL.parse(location, url.href);
  if (next !== null && /^https?:$/.test(next.protocol) && next.username === '' && next.password === '') return next;
  const text = `${nameOf(url)}: the server redirects to where nothing can be asked for`;
  throw new StatusError(Code.FAILED_PRECONDITION, text, { reason: 'REDIRECTED', isFinal: true });
}
