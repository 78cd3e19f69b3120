import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerLeft } from '../api/errors.ts';
import { DEFAULT_DOMAIN } from '../core/status-error.ts';
import type { FailureForm } from './answer-form.ts';
import type { ByteBudget } from './byte-budget.ts';
import { ANSWER_HEADERS } from './answer-headers.ts';
import { HttpCallContext } from './call-context.ts';
import { corsHeaders, type AllowedOrigins } from './cors.ts';
import { HeldBytes } from './held-bytes.ts';
import type { Body } from './request-body.ts';
import { requestDeadlineMs } from './request-deadline.ts';
import type { Route } from './routes.ts';
import type { UploadRoute } from './upload/upload-routes.ts';

export interface ExchangeOptions {
  readonly limits: { readonly overloadRetryDelayMs: number };
  readonly budget: ByteBudget;
  readonly origins: AllowedOrigins;
  /** Aborts when no more of any body is wanted, its reason what callers are told. */
  readonly closing: AbortSignal;
}

/** What is known of a request before its body. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'>;

/** What has come: a request, or a call that came with others in one. */
export interface Arrived {
  readonly request: RequestHead;
  /** What ends with the connection; of a call in a batch, the batch's. */
  readonly response: ServerResponse;
  /** The request that has the connection for itself; undefined for a call in a batch. */
  readonly incoming?: IncomingMessage;
  /** Of a call in a batch: the batch's, milliseconds since the epoch. */
  readonly deadlineMs?: number | undefined;
  body(held: HeldBytes): Body;
}

/** A request on its way, and what is known of it so far: for those who tell its error. */
export class Exchange {
  readonly request: RequestHead;
  readonly response: ServerResponse;
  readonly incoming: IncomingMessage | undefined;
  readonly body: Body;
  readonly closing: AbortSignal;
  /** Of the answer, whatever that is. */
  readonly headers: Record<string, string>;
  /** Of errors; undefined until the parameters have been read. */
  form: FailureForm | undefined;
  /** The ErrorInfo domain of errors that name none. */
  domain = DEFAULT_DOMAIN;
  /** Of the body, also where a parameter says it instead of the header. */
  contentType: string | undefined;
  route: Route | UploadRoute | undefined;
  readonly #held: HeldBytes;
  readonly #deadlineMs: number | undefined;
  #context: HttpCallContext | undefined;

  constructor(arrived: Arrived, { origins, limits, budget, closing }: ExchangeOptions) {
    this.request = arrived.request;
    this.response = arrived.response;
    this.incoming = arrived.incoming;
    this.closing = closing;
    this.#deadlineMs = arrived.deadlineMs;
    this.#held = new HeldBytes(budget, limits.overloadRetryDelayMs);
    this.body = arrived.body(this.#held);
    this.headers = { ...ANSWER_HEADERS, ...corsHeaders(arrived.request.headers, origins) };
  }

  /**
   * What the method sees of it.
   *
   * @throws StatusError INVALID_ARGUMENT for a deadline that is none.
   */
  openContext(): HttpCallContext {
    const { request, response } = this;
    const own = requestDeadlineMs(request.headers, Date.now()) ?? Infinity;
    const deadlineMs = Math.min(own, this.#deadlineMs ?? Infinity);
    this.#context = new HttpCallContext(request, response, deadlineMs === Infinity ? undefined : deadlineMs);
    return this.#context;
  }

  /**
   * Counts memory that this call needs until it is answered, bytes.
   *
   * @throws StatusError UNAVAILABLE where there is no room for it, CANCELLED when the caller has left.
   */
  hold(count: number): void {
    const problem = this.response.destroyed ? callerLeft() : this.#held.take(count);
    if (problem !== undefined) throw problem;
  }

  /** The call has ended: what it held is let go of. @returns the headers that the method has set. */
  close(): Readonly<Record<string, string>> | undefined {
    this.#context?.close();
    this.#held.release();
    return this.#context?.headers;
  }
}
