import type { IncomingHttpHeaders } from 'node:http';

export type WebMethod = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';

/** One HTTP request, sent exactly as it is: no redirect is followed, nothing is retried, no header is added but Host and lengths. */
export interface WebRequest {
  readonly method: WebMethod;
  /** Scheme, host and port: `https://s3.example.com`. */
  readonly origin: string;
  /** Path and query as they go over the wire, already encoded; begins with '/'. */
  readonly target: string;
  /** Names in lower case. A body that is not bytes needs `content-length`, or is sent in chunks. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes are the client's until the request has settled. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** What messages call it, such as `s3://bucket/key`; no secret, no query. */
  readonly resource: string;
  /** How long the body of a good answer will be, where that is known: long ones are read with less effort. */
  readonly expectedSizeBytes?: number;
  /** Default: WebLimits.responseTimeoutMs. */
  readonly responseTimeoutMs?: number;
  readonly signal: AbortSignal;
}

/** An answer, whatever its status. */
export interface WebResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The whole body; of an error its beginning. Empty where `body` is there. */
  readonly bytes: Uint8Array;
}

export interface StreamedResponse extends WebResponse {
  /** There when the status is 2xx. It must be read to its end, or left by `discard`. */
  readonly body?: StreamedBody;
}

/** The bytes of an answer as they come, for one consumer: each chunk is its own until it asks for the next. */
export interface StreamedBody extends AsyncIterableIterator<Uint8Array, undefined> {
  /** Ends it here. Whoever leaves its loop early has done so. */
  discard(): void;
}

/** The one value of a header; undefined when it is absent. */
export function headerOf({ headers }: WebResponse, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
