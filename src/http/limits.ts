export interface HttpLimits {
  /** A request's header with its first line, bytes; larger ones are answered 431. */
  readonly headerSizeMaxBytes: number;
  /** A request's target, characters; longer ones are answered 414. */
  readonly urlLengthMax: number;
  /** A request's body, bytes; larger ones are answered 413. */
  readonly bodySizeMaxBytes: number;
  /** A query that comes as a body (X-HTTP-Method-Override: GET), bytes; larger ones are answered 413. */
  readonly formSizeMaxBytes: number;
  /** A request's header must have arrived within this, milliseconds. */
  readonly headerTimeoutMs: number;
  /** The whole body must have, from when it is first read, milliseconds. */
  readonly bodyTimeoutMs: number;
  /** Of a body that is refused so many bytes are still taken, so that its sender reads the answer … */
  readonly lingerSizeMaxBytes: number;
  /** … for no longer than this, milliseconds. */
  readonly lingerTimeoutMs: number;
  /** A reader must have taken a large answer within this, milliseconds. */
  readonly responseTimeoutMs: number;
  /** An idle connection is kept for this long, milliseconds. */
  readonly keepAliveTimeoutMs: number;
  /** Connections at a time; further ones are closed at once. */
  readonly connectionCountMax: number;
  /** Requests that are not answered yet; further ones are answered 503. Those for /livez and /readyz do not count. */
  readonly requestCountMax: number;
  /** The same on one connection: what a client sends without waiting for answers. */
  readonly pipelineCountMax: number;
  /** Calls in one batch; more are answered 400. */
  readonly batchCallCountMax: number;
  /** Bytes of the header of one part of a batch, in front of its request; more are answered 400. */
  readonly partHeaderMaxBytes: number;
  /** Bytes of a batch around its parts; more are answered 400. */
  readonly surroundingsMaxBytes: number;
  /** Bytes of bodies that arrive, of pages that are written and of large answers that leave, together; beyond them requests are answered 503. */
  readonly bufferedBytesMax: number;
  /** Answers to Gets that are kept for those who ask again, bytes. */
  readonly keptAnswersMaxBytes: number;
  /** The same of answers that take more than a 64th of that, bytes; none larger than half of it. */
  readonly keptLargeAnswersMaxBytes: number;
  /** URLs of Gets that are kept with what they mean, so that polls are read once. */
  readonly knownGetCountMax: number;
  /** What a caller is told to wait who was answered 503, milliseconds. */
  readonly overloadRetryDelayMs: number;
  /** Streams that are open at a time; further ones are answered 429. */
  readonly streamCountMax: number;
  /** Texts of streams that are kept for others who are told the same, bytes. */
  readonly keptStreamTextsMaxBytes: number;
  /** A reader of a stream that takes nothing for so long is cut off, milliseconds. */
  readonly streamStallTimeoutMs: number;
  /** Bytes that readers of streams have not taken, together; beyond them a reader that is behind is cut off at once. */
  readonly streamBufferedBytesMax: number;
  /** What browsers are told to wait before they open a stream again, and who was answered 429, milliseconds. */
  readonly streamRetryDelayMs: number;
  /** /readyz answers 503 when its check takes longer, milliseconds. */
  readonly readyCheckTimeoutMs: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  // A filter of 8,192 characters and a page token, each character percent-encoded; gRPC takes as much metadata.
  headerSizeMaxBytes: 64 * 1024,
  // What leaves the rest of the header half of that.
  urlLengthMax: 32 * 1024,
  // What gRPC takes of a message, so that no transport takes more than the other.
  bodySizeMaxBytes: 4 * 1024 * 1024,
  // What is too long for a URL many times over; its parameters cost some 100 times their bytes while they are read.
  formSizeMaxBytes: 256 * 1024,
  headerTimeoutMs: 10_000,
  // 4 MiB at a megabit a second.
  bodyTimeoutMs: 35_000,
  // What may be on its way when the answer is written.
  lingerSizeMaxBytes: 1024 * 1024,
  lingerTimeoutMs: 2000,
  responseTimeoutMs: 60_000,
  // Longer than the minute that load balancers keep theirs, or they send into a connection that is being closed.
  keepAliveTimeoutMs: 65_000,
  connectionCountMax: 10_000,
  // Above the waits that may be parked, as on gRPC, so that these alone never hold up a Get.
  requestCountMax: 30_000,
  // Hardly any client pipelines; those that do send a handful.
  pipelineCountMax: 32,
  // What most of Google's APIs take.
  batchCallCountMax: 100,
  // A type, an id, an encoding.
  partHeaderMaxBytes: 4 * 1024,
  surroundingsMaxBytes: 4 * 1024,
  bufferedBytesMax: 256 * 1024 * 1024,
  // Some thousand operations that are polled; more are written anew, some 30 µs each.
  keptAnswersMaxBytes: 16 * 1024 * 1024,
  // The last two or three of a megabyte: to write one takes a tenth of a second, in which nobody else is served.
  keptLargeAnswersMaxBytes: 16 * 1024 * 1024,
  // As many as there are kept answers, some 2 KiB each.
  knownGetCountMax: 4096,
  overloadRetryDelayMs: 1000,
  // Half of the watches that this process has: those over HTTP are not to take all from those over gRPC.
  streamCountMax: 2500,
  // A hundred changes of large operations, or some thousand small ones: those who watch take each within moments.
  keptStreamTextsMaxBytes: 2 * 1024 * 1024,
  // As an answer that is large.
  streamStallTimeoutMs: 60_000,
  // Some sixty readers that are behind by the largest operation; each byte costs several in this process.
  streamBufferedBytesMax: 64 * 1024 * 1024,
  streamRetryDelayMs: 1000,
  // Below the second that a kubelet gives a probe by default.
  readyCheckTimeoutMs: 800,
};
