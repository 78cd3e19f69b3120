/** What clients of server reflection may use: nobody needs more, and it is open to all who can connect. */
export interface ReflectionLimits {
  /** Streams open at a time on all connections; further ones are RESOURCE_EXHAUSTED. */
  readonly streamCountMax: number;
  /** Requests on one stream; the next one ends it with RESOURCE_EXHAUSTED. */
  readonly requestCountMax: number;
  /** A larger request ends its stream with RESOURCE_EXHAUSTED, bytes. */
  readonly requestSizeMaxBytes: number;
}

/**
 * grpc-js has no option for the size of the metadata it receives: Node's own bounds stand, 64 KiB and 128 entries a call. Nor does it
 * limit how often clients ping.
 */
export interface GrpcLimits {
  /** Larger requests are RESOURCE_EXHAUSTED, bytes. */
  readonly receiveSizeMaxBytes: number;
  /** Larger responses are RESOURCE_EXHAUSTED, bytes. */
  readonly sendSizeMaxBytes: number;
  /** Calls at a time on one connection, parked waits among them; further ones queue at the client. */
  readonly streamCountMax: number;
  /** A connection is pinged this long after its last ping, milliseconds, so that a peer which vanished is noticed … */
  readonly keepaliveTimeMs: number;
  /** … and closed when the ping is not answered within this, milliseconds. */
  readonly keepaliveTimeoutMs: number;
  /** Clients are asked to reconnect after this long, milliseconds; 0 = never … */
  readonly connectionAgeMaxMs: number;
  /** … and calls that are open then may finish within this, milliseconds. */
  readonly connectionAgeGraceMs: number;
  readonly reflection: ReflectionLimits;
}

export const DEFAULT_GRPC_LIMITS: GrpcLimits = {
  // What gRPC servers in every language take.
  receiveSizeMaxBytes: 4 * 1024 * 1024,
  // What gRPC clients in every language take.
  sendSizeMaxBytes: 4 * 1024 * 1024,
  // Above the waits that may be parked, so that these alone never hold up a Get on the same connection.
  streamCountMax: 30_000,
  // Proxies and NATs forget idle connections after some minutes.
  keepaliveTimeMs: 60_000,
  keepaliveTimeoutMs: 20_000,
  // A sidecar's clients are beside it; replicas behind a balancer want some minutes here.
  connectionAgeMaxMs: 0,
  // As long as a wait is parked by default.
  connectionAgeGraceMs: 3_600_000,
  reflection: {
    // A tool keeps one open while it runs; each costs some kilobytes.
    streamCountMax: 1000,
    // Some requests for each type that a tool meets; there are hundreds.
    requestCountMax: 10_000,
    // A name or two, sent back in the answer.
    requestSizeMaxBytes: 16 * 1024,
  },
};
