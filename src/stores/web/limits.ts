/** Bounds of every store that is reached by HTTP. Sizes are bytes, times milliseconds. */
export interface WebLimits {
  /** Open connections to one origin; requests beyond it wait their turn. Those that read into blocks count apart. */
  readonly connectionsPerOriginMax: number;
  readonly connectTimeoutMs: number;
  /** No byte in either direction for so long ends a request: its socket is destroyed. */
  readonly stallTimeoutMs: number;
  /** How long a server may think before it answers, once it has a whole request; some requests ask for more. */
  readonly responseTimeoutMs: number;
  /** An idle connection is kept so long. Below the 5 s after which many servers close theirs, which would lose a request. */
  readonly keepAliveMs: number;
  /** Of an answer that is read as a whole: a page of a listing is 4 MB when every key is as long as it may be. */
  readonly documentSizeBytesMax: number;
  /** Of the body of an error; the rest is not read. */
  readonly errorSizeBytesMax: number;
  /** Bytes of a response held for a consumer that is slower than the server. */
  readonly readAheadSizeBytes: number;
  /** A longer body is sent in slices of this size, so that each one that the server takes shows that it has not stalled. */
  readonly sliceSizeBytes: number;
  /** Bodies that are expected to be shorter are read by undici: connections of their own would not pay. */
  readonly blockReadSizeBytesMin: number;
  /** Memory of a connection that reads long bodies: it holds so many blocks of this size as long as it is open. */
  readonly blockSizeBytes: number;
  readonly blockCount: number;
  /** Memory of such a connection for what its socket has in hand while all blocks are full. */
  readonly overflowSizeBytes: number;
  /** Of the head of an answer on such a connection. */
  readonly headSizeBytesMax: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_WEB_LIMITS: WebLimits = Object.freeze({
  connectionsPerOriginMax: 64,
  connectTimeoutMs: 10_000,
  stallTimeoutMs: 30_000,
  responseTimeoutMs: 60_000,
  keepAliveMs: 4000,
  documentSizeBytesMax: 16 * MIB,
  errorSizeBytesMax: 64 * KIB,
  readAheadSizeBytes: 256 * KIB,
  sliceSizeBytes: 256 * KIB,
  blockReadSizeBytesMin: MIB,
  blockSizeBytes: 256 * KIB,
  blockCount: 2,
  overflowSizeBytes: 64 * KIB,
  headSizeBytesMax: 64 * KIB,
});

/**
 * Pages of a listing, one after the other, without a name that is new. Services answer empty pages over what was deleted, a thousand
 * names or so in each: ten million of them are passed, and a listing that stands still ends.
 */
export const STILL_PAGE_COUNT_MAX = 10_000;
