export interface HttpLimits {
  /** A request's header, bytes; larger ones are answered 431. */
  readonly headerSizeMaxBytes: number;
  /** A request's body, bytes; larger ones are answered 413. */
  readonly bodySizeMaxBytes: number;
  /** A query that comes as a body (X-HTTP-Method-Override: GET), bytes; larger ones are answered 413. */
  readonly formSizeMaxBytes: number;
  /** A request's header must have arrived within this, milliseconds. */
  readonly headerTimeoutMs: number;
  /** The whole request must have, milliseconds. */
  readonly requestTimeoutMs: number;
  /** An idle connection is kept for this long, milliseconds. */
  readonly keepAliveTimeoutMs: number;
  /** Connections at a time; further ones are closed at once. */
  readonly connectionCountMax: number;
  /** /readyz answers 503 when its check takes longer, milliseconds. */
  readonly readyCheckTimeoutMs: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  // Node's own default, named so that an upgrade does not change it.
  headerSizeMaxBytes: 16 * 1024,
  // What gRPC takes of a message, so that no transport takes more than the other.
  bodySizeMaxBytes: 4 * 1024 * 1024,
  // What is too long for a URL many times over; its parameters cost some 100 times their bytes while they are read.
  formSizeMaxBytes: 256 * 1024,
  headerTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  // Longer than the minute that load balancers keep theirs, or they send into a connection that is being closed.
  keepAliveTimeoutMs: 65_000,
  connectionCountMax: 10_000,
  // Below the second that a kubelet gives a probe by default.
  readyCheckTimeoutMs: 800,
};
