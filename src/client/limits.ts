/** Every bound of a client. Sizes are bytes, times milliseconds. */
export interface ClientLimits {
  /** How long a call may take before it fails with DEADLINE_EXCEEDED, unless it says otherwise. */
  readonly callTimeoutMs: number;
  /** Beyond what a call waits for on purpose: for its way there and back. */
  readonly marginMs: number;
  /** Larger answers are RESOURCE_EXHAUSTED. */
  readonly receiveSizeMaxBytes: number;
  /** Larger requests are RESOURCE_EXHAUSTED (MESSAGE_TOO_LARGE), and not sent. */
  readonly sendSizeMaxBytes: number;
  /** How long somebody who follows an operation tries to reach a server that went away, each time anew. */
  readonly reconnectMaxMs: number;
  /** The first delay before a new try, and the longest one. */
  readonly reconnectDelayMs: { readonly initialMs: number; readonly maxMs: number };
  /** The same for an owner that listens for a cancel: renewals of its lease tell of one meanwhile. */
  readonly listenDelayMs: { readonly initialMs: number; readonly maxMs: number };
  /** While a call is open, the connection is pinged this long after its last ping, so that a server which vanished is noticed … */
  readonly keepaliveTimeMs: number;
  /** … and given up, its calls UNAVAILABLE, when the ping is not answered within this. */
  readonly keepaliveTimeoutMs: number;
  /** Pages of one list: an end to a server that always has another one. */
  readonly pageCountMax: number;
  /** How often at most an owner's reports are sent, milliseconds: each is a durable write. */
  readonly reportEveryMs: number;
  /** Operations that one owner carries out at once: each has a stream of some 10 kB at the server. More are refused. */
  readonly ownedCountMax: number;
}

export const DEFAULT_CLIENT_LIMITS: ClientLimits = Object.freeze({
  // A durable write behind a busy disk takes a second at worst; more is a server that hangs.
  callTimeoutMs: 30_000,
  marginMs: 5000,
  // What the sidecar sends at most, with room for others.
  receiveSizeMaxBytes: 16 * 1024 * 1024,
  // What gRPC servers in every language take.
  sendSizeMaxBytes: 4 * 1024 * 1024,
  // A restart with a recovery of its database.
  reconnectMaxMs: 60_000,
  reconnectDelayMs: { initialMs: 100, maxMs: 2000 },
  listenDelayMs: { initialMs: 1000, maxMs: 60_000 },
  // gRPC's guide on keepalive: not much below a minute. The sidecar bounds no pings; servers that do count those that come while they
  // send nothing, and a watch is told something every 15 seconds. Idle connections are not pinged, as such servers ask for.
  keepaliveTimeMs: 60_000,
  // As long as the server gives its clients.
  keepaliveTimeoutMs: 20_000,
  // 10^8 operations at 1000 a page.
  pageCountMax: 100_000,
  reportEveryMs: 1000,
  ownedCountMax: 1000,
});
