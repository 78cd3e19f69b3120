/**
 * One RPC, free of its transport: a decoded request message in, response messages (or their encoded bytes) out.
 *
 * The same list of methods is served over gRPC and, transcoded, over HTTP.
 */
export interface CallContext {
  /** Aborts when the caller went away or its deadline passed; `reason` is a StatusError. */
  readonly signal: AbortSignal;
  /** The caller's deadline, milliseconds since the epoch; absent when it set none. */
  readonly deadlineMs?: number | undefined;
  /** Who calls, as far as the transport knows: for logs and the operation's cancel record. */
  readonly actor: string;
  /** The connection that the call came over, where the transport can tell connections apart. */
  readonly client?: string | undefined;
  /** Adds metadata that is sent with the end of a successful response. */
  setTrailer(key: string, value: string): void;
  /** Calls once when the call's answer is made, or its error: from then on only its bytes are left. */
  whenAnswered(run: () => void): void;
  /**
   * Ends the call at once, also of a caller that reads nothing: what was sent and not taken is dropped, and the signal aborts. Over gRPC the
   * caller is told RESOURCE_EXHAUSTED, by a reset of its stream; over HTTP the connection ends.
   */
  cutOff(): void;
}

interface Rpc<Request> {
  /** Full service name, such as `google.longrunning.Operations`. */
  readonly service: string;
  /** Such as `GetOperation`. */
  readonly rpc: string;
  /** The ErrorInfo domain of errors that name none, such as `storagetransfer.googleapis.com`. */
  readonly domain: (request: Request) => string;
}

/** One request, one response. */
export interface Method<Request = never> extends Rpc<Request> {
  /**
   * @returns a plain message object (camelCase members, as proto-loader takes), or the encoded response, which is sent as it is; what is
   *   at hand comes without a promise.
   * @throws StatusError, at once or by the promise; anything else becomes INTERNAL.
   */
  readonly handle: (request: Request, context: CallContext) => Uint8Array | Promise<object | Uint8Array>;
}

/** Members of a stream's messages, for transports that have words of their own for them. */
export interface Resumption {
  /** Of a response: where a stream goes on that breaks behind it, '' where the one before counts. Of the request: where it goes on. */
  readonly cursorField: string;
  /** Of a response that says that the stream is alive, and nothing else. */
  readonly heartbeatField: string;
}

/** One request, any number of responses. */
export interface StreamMethod<Request = never> extends Rpc<Request> {
  /** How a stream that broke goes on, where it can. */
  readonly resumption?: Resumption;
  /**
   * The responses, each as `handle` returns it, made as fast as the transport takes them. Ends the call with OK when it ends, and when
   * it throws with the error, as `handle` does. The transport aborts the context's signal and returns the iterator when the caller leaves.
   */
  readonly stream: (request: Request, context: CallContext) => AsyncIterable<object | Uint8Array>;
}

/** A file that comes with a request, while it is being read. */
export interface IncomingFile {
  /** Ends, or throws, with the file. Not to be read twice. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** As the caller calls it; empty where it says nothing. */
  readonly fileName: string;
  /** Empty where the caller says nothing. */
  readonly contentType: string;
  /** What it has at least, as its caller announced; left out where that is not known. */
  readonly announcedBytes?: number;
}

/** One request that comes with a file, one response: what Google's APIs call media upload. Only HTTP has room for it. */
export interface UploadMethod<Request = never> extends Rpc<Request> {
  /** Bytes that a file may have: one that is announced as larger is refused before it is read. */
  readonly sizeMaxBytes: number;
  /** As `handle`. The file may be left before its end only by throwing. */
  readonly upload: (request: Request, file: IncomingFile, context: CallContext) => Promise<object | Uint8Array>;
}

export type AnyMethod = Method | StreamMethod;
