/**
 * One RPC, free of its transport: a decoded request message in, a response message (or its encoded bytes) out.
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
  /** Adds metadata that is sent with the end of a successful response. */
  setTrailer(key: string, value: string): void;
}

export interface Method<Request = never> {
  /** Full service name, such as `google.longrunning.Operations`. */
  readonly service: string;
  /** Such as `GetOperation`. */
  readonly rpc: string;
  /** The ErrorInfo domain of errors that name none, such as `storagetransfer.googleapis.com`. */
  readonly domain: (request: Request) => string;
  /**
   * @returns a plain message object (camelCase members, as proto-loader takes), or the encoded response, which is sent as it is; what is
   *   at hand comes without a promise.
   * @throws StatusError, at once or by the promise; anything else becomes INTERNAL.
   */
  readonly handle: (request: Request, context: CallContext) => Uint8Array | Promise<object | Uint8Array>;
}
