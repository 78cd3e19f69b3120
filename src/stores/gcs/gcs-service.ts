import { Code } from '../../core/code.ts';
import type { StatusError } from '../../core/status-error.ts';
import type { WebClient } from '../web/web-client.ts';
import { statusFailure, type FailureDetail } from '../web/web-failure.ts';
import { headerOf, type StreamedResponse, type WebRequest, type WebResponse } from '../web/web-request.ts';
import type { AccessTokens } from './access-tokens.ts';
import { jsonBody } from './json-body.ts';

/** A request without what the service adds: where it goes, and who asks. Its body must be bytes, as it may be sent twice. */
export type GcsRequest = Omit<WebRequest, 'origin' | 'headers' | 'body'> & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
};

/**
 * Google Cloud Storage at one endpoint, as one identity: requests with a bearer token, answers by status.
 *
 * A token that is refused is renewed once; nothing else is sent twice.
 */
export class GcsService {
  readonly origin: string;
  readonly #client: WebClient;
  readonly #tokens: AccessTokens;

  constructor(client: WebClient, tokens: AccessTokens, origin: string) {
    this.#client = client;
    this.#tokens = tokens;
    this.origin = origin;
  }

  /** Whether a request to that service can name objects of this one. */
  isSame(other: GcsService): boolean {
    return other.origin === this.origin && other.#tokens.identity === this.#tokens.identity;
  }

  /** @throws StatusError unless the status is one of `hoped`; default: 200. */
  async send(request: GcsRequest, hoped: readonly number[] = [200]): Promise<WebResponse> {
    const response = await this.#authorized(request, (sent) => this.#client.send(sent));
    if (!hoped.includes(response.status)) throw gcsFailure(request, response);
    return response;
  }

  /** The body as it comes. @throws StatusError unless the status is 2xx or one of `hoped`. */
  async open(request: GcsRequest, hoped: readonly number[]): Promise<StreamedResponse> {
    const response = await this.#authorized(request, (sent) => this.#client.open(sent));
    if (response.body === undefined && !hoped.includes(response.status)) throw gcsFailure(request, response);
    return response;
  }

  async #authorized<R extends WebResponse>(request: GcsRequest, send: (request: WebRequest) => Promise<R>): Promise<R> {
    for (let isRenewed = false; ; isRenewed = true) {
      const token = await this.#tokens.get(request.signal);
      const headers = { ...request.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
      const response = await send({ ...request, origin: this.origin, headers });
      if (response.status !== 401 || token === undefined || !this.#tokens.refuse(token) || isRenewed) return response;
    }
  }
}

interface GcsErrorBody {
  readonly error?: { readonly message?: unknown; readonly errors?: readonly { readonly reason?: unknown }[] };
}

/** The error of an answer (JSON API, "HTTP status and error codes"). */
export function gcsFailure(request: Pick<WebRequest, 'resource'>, response: WebResponse): StatusError {
  const { error } = jsonBody(response) as GcsErrorBody;
  const [reason] = (error?.errors ?? []).map((each) => each.reason);
  const message = typeof error?.message === 'string' ? error.message.slice(0, MESSAGE_LENGTH_MAX) : undefined;
  const requestId = headerOf(response, 'x-guploader-uploadid');
  return statusFailure(request, response, {
    ...(typeof reason === 'string' ? { serviceCode: reason } : {}),
    ...(message === undefined ? {} : { message }),
    ...(requestId === undefined ? {} : { requestId }),
    ...meaningOf(response.status, reason, message ?? ''),
  });
}

const MESSAGE_LENGTH_MAX = 300;

/** Where the status alone says too little. */
function meaningOf(status: number, reason: unknown, message: string): FailureDetail {
  if (status === 400 && /match(es)? (the )?(calculated|computed)/i.test(message)) {
    return { code: Code.DATA_LOSS, reason: 'OBJECT_DAMAGED' };
  }
  // "Rate limit exceeded" is 403 in older answers, 429 in newer ones.
  if (status === 403 && (reason === 'rateLimitExceeded' || reason === 'userRateLimitExceeded')) {
    return { code: Code.RESOURCE_EXHAUSTED, reason: 'SLOW_DOWN' };
  }
  // Two writers of the same metadata: not a precondition of ours, and worth another try.
  if (status === 409) return { code: Code.ABORTED, reason: 'CONFLICT' };
  return {};
}
