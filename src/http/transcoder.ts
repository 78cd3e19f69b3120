import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { StreamMethod } from '../api/method.ts';
import { Code } from '../core/code.ts';
import type { Logger } from '../core/logger.ts';
import { StatusError } from '../core/status-error.ts';
import type { ProtoJsonLimits } from '../schema/json/limits.ts';
import { readQueryMessage, type QueryParameter } from '../schema/json/read-query-message.ts';
import { Admission } from './admission.ts';
import { BATCH_PATH, BatchCalls, notInBatch } from './batch/batch-calls.ts';
import { ByteBudget } from './byte-budget.ts';
import { checkHost } from './check-host.ts';
import { checkOrigin, checkScript, corsHeaders, preflightHeaders, type AllowedOrigins } from './cors.ts';
import { Exchange, type Arrived } from './exchange.ts';
import { HttpRefusal } from './http-refusal.ts';
import type { HttpLimits } from './limits.ts';
import { askedForm, type AskedForm } from './parameters/asked-form.ts';
import { ownMethods } from './own-paths.ts';
import type { FieldsLimits } from './parameters/limits.ts';
import { meantRequest, type MeantRequest } from './parameters/meant-request.ts';
import { Refusals } from './refusals.ts';
import { RequestBody } from './request-body.ts';
import { requestMessage, type Called } from './request-message.ts';
import { parseQuery, parseRequestTarget } from './request-target.ts';
import type { RouteMatch, Router } from './router.ts';
import type { Route } from './routes.ts';
import { sendAnswer, type SentAnswer } from './send-answer.ts';
import { isOver, resumed, StreamCalls } from './streams/stream-calls.ts';
import { UnaryCalls } from './unary-calls.ts';
import { allowedMethods, notServed } from './unserved-path.ts';
import type { UploadCalls } from './upload/upload-calls.ts';
import type { UploadRoute } from './upload/upload-routes.ts';

const NO_BYTES = new Uint8Array(0);

export interface TranscoderOptions {
  readonly routes: Router<Route>;
  /** Undefined where no file is taken. */
  readonly uploads?: UploadCalls;
  readonly json: ProtoJsonLimits;
  readonly fields: FieldsLimits;
  readonly limits: HttpLimits;
  /** Whose pages may call. */
  readonly origins: AllowedOrigins;
  readonly log: Logger;
}

/**
 * HTTP/JSON → the same Methods that gRPC serves: finds the route, makes the request's message of path, query and body, and writes the
 * answer in the form that the caller asks for.
 */
export class Transcoder {
  readonly #options: TranscoderOptions;
  readonly #bytes: ByteBudget;
  readonly #admission: Admission;
  readonly #refusals: Refusals;
  readonly #unary: UnaryCalls;
  readonly #streams: StreamCalls;
  readonly #batches: BatchCalls;
  readonly #closing = new AbortController();

  constructor(options: TranscoderOptions) {
    const { limits } = options;
    this.#options = options;
    this.#bytes = new ByteBudget(limits.bufferedBytesMax);
    this.#admission = new Admission(limits, this.#bytes);
    this.#refusals = new Refusals(options.log);
    this.#unary = new UnaryCalls(options.json, limits);
    this.#streams = new StreamCalls(limits);
    this.#batches = new BatchCalls({ limits, answer: (call, refusal) => this.#answerBatched(call, refusal) });
    // As many bodies may arrive as there are requests.
    setMaxListeners(0, this.#closing.signal);
  }

  /** All that is served but what takes files. */
  get routes(): readonly Route[] {
    return this.#options.routes.targets;
  }

  /** What takes files. */
  get uploadRoutes(): readonly UploadRoute[] {
    return this.#options.uploads?.routes ?? [];
  }

  /** Methods that are served at a path: uploads too, and what the server itself answers. */
  methodsOf(path: string): readonly string[] {
    const { routes, uploads } = this.#options;
    const batches = path === BATCH_PATH ? ['POST'] : [];
    return [
      ...new Set([...ownMethods(path), ...batches, ...routes.methodsOf(path), ...(uploads?.methodsOf(path) ?? [])]),
    ];
  }

  /** Whether an answer has begun to go out on a connection. */
  isAnswering(socket: Duplex): boolean {
    return [...this.#admission.openOf(socket)].some(({ headersSent }) => headersSent);
  }

  /**
   * Answers whatever comes; never throws.
   *
   * @param refusal  what is wrong with it already.
   */
  serve(request: IncomingMessage, response: ServerResponse, refusal?: StatusError): void {
    const { limits } = this.#options;
    const overload = this.#admission.enter(request, response);
    const { signal: closing } = this.#closing;
    const body: Arrived['body'] = (held) => new RequestBody(request, response, { limits, held, closing });
    const exchange = this.#open({ request, response, incoming: request, body });
    if (overload !== undefined) exchange.headers['connection'] = 'close';
    const answer = this.#answerOrRefuse(exchange, overload ?? refusal);
    const finish = (sent: SentAnswer | undefined): void => {
      const closed = close(exchange, sent);
      if (closed !== undefined && !response.destroyed) this.#send(request, response, closed);
    };
    if (answer instanceof Promise) void answer.then(finish);
    else finish(answer);
  }

  /** Bodies that are not whole yet, uploads too, are answered 503 from now on: their senders learn that they are to send again. */
  refuseBodies(): void {
    this.#closing.abort(draining(this.#options.limits.overloadRetryDelayMs));
  }

  /** Sends what no method has answered, to the pages that may call too, within the bounds of all answers. */
  send(request: IncomingMessage, response: ServerResponse, answer: SentAnswer): void {
    const headers = { ...answer.headers, ...corsHeaders(request.headers, this.#options.origins) };
    this.#send(request, response, { ...answer, headers });
  }

  /** Never throws. @returns without a promise what is at hand: most polls' answers. */
  #answerOrRefuse(
    exchange: Exchange,
    refusal: StatusError | undefined,
  ): SentAnswer | Promise<SentAnswer | undefined> | undefined {
    const refuse = (error: unknown): SentAnswer => this.#refusals.answer(error, exchange);
    if (refusal !== undefined) return refuse(refusal);
    try {
      const answer = this.#unary.answerKnown(exchange) ?? this.#answer(exchange);
      return answer instanceof Promise ? answer.catch(refuse) : answer;
    } catch (error) {
      return refuse(error);
    }
  }

  #open(arrived: Arrived): Exchange {
    const { limits, origins } = this.#options;
    return new Exchange(arrived, { limits, budget: this.#bytes, origins, closing: this.#closing.signal });
  }

  /** A call in a batch: as if it had come alone. */
  async #answerBatched(call: Arrived, refusal: StatusError | undefined): Promise<SentAnswer> {
    const exchange = this.#open(call);
    const answer = close(exchange, await this.#answerOrRefuse(exchange, refusal));
    if (answer === undefined) throw new Error('a call in a batch was answered by itself');
    return answer;
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: SentAnswer): void {
    sendAnswer(request, response, answer, { limits: this.#options.limits, budget: this.#bytes });
  }

  /** @returns undefined for a stream, which has been sent. */
  async #answer(exchange: Exchange): Promise<SentAnswer | undefined> {
    const { limits, routes, origins } = this.#options;
    const { method = '', url = '', headers } = exchange.request;
    if (url.length > limits.urlLengthMax) throw urlTooLong(limits.urlLengthMax);
    const { path, query } = parseRequestTarget(url);
    checkHost(headers, origins);
    checkOrigin(method, headers, origins);
    if (method === 'OPTIONS') return this.#describe(path, exchange);
    const meant = meantRequest(method, headers);
    const asked = await this.#asked(exchange, query, meant);
    exchange.form = asked;
    exchange.contentType = asked.contentType ?? headers['content-type'];
    if (asked.refusal !== undefined) throw asked.refusal;
    if (asked.isScript) checkScript(headers, origins);
    if (path === BATCH_PATH && meant.method === 'POST') return this.#batch(exchange, asked);
    const upload = this.#options.uploads?.find(meant.method, path);
    if (upload !== undefined) return this.#takeUpload(exchange, upload, { asked, query: parseQuery(query) });
    const match = routes.find(meant.method === 'HEAD' ? 'GET' : meant.method, path);
    if (match === undefined) throw this.#notServed(exchange, meant.method, path);
    exchange.route = match.target;
    exchange.domain = match.target.domain;
    const called = { match, asked, bodyIsQuery: meant.bodyIsQuery };
    const { method: rpc } = match.target;
    return 'stream' in rpc ? this.#stream(exchange, rpc, called) : this.#unary.answer(exchange, rpc, called);
  }

  async #batch(exchange: Exchange, { query }: AskedForm): Promise<SentAnswer> {
    // It has no fields of its own: what its query names is refused.
    readQueryMessage('google.protobuf.Empty', query, this.#options.json);
    return this.#batches.answer(exchange);
  }

  #notServed({ incoming }: Exchange, method: string, path: string): StatusError {
    // The server answers these itself, before anything comes here.
    const isOwn = incoming === undefined && ownMethods(path).includes(method === 'HEAD' ? 'GET' : method);
    return isOwn ? notInBatch(`a ${method} of ${path}`) : notServed(method, path, this);
  }

  /** As a unary call, of a request that comes with a file: its method reads that while it arrives. */
  async #takeUpload(
    exchange: Exchange,
    match: RouteMatch<UploadRoute>,
    { asked, query }: { readonly asked: AskedForm; readonly query: readonly QueryParameter[] },
  ): Promise<SentAnswer> {
    const { domain, responseType } = match.target;
    exchange.route = match.target;
    exchange.domain = domain;
    const form = asked.settle('message', responseType);
    exchange.form = form;
    const context = exchange.openContext();
    const { incoming, response: answering, closing } = exchange;
    if (incoming === undefined) throw notInBatch('an upload');
    const arriving = { request: incoming, response: answering, closing };
    const response = await this.#options.uploads?.call(arriving, match, { all: query, fields: asked.query }, context);
    return { headers: {}, ...form.success(responseType, response ?? NO_BYTES) };
  }

  async #stream(exchange: Exchange, method: StreamMethod, called: Called): Promise<SentAnswer | undefined> {
    const { request, response, headers } = exchange;
    if (exchange.incoming === undefined) throw notInBatch('a stream');
    const { responseType } = called.match.target;
    const asked = called.asked.settleStream(responseType, this.#options.limits.streamRetryDelayMs);
    const context = exchange.openContext();
    const bound = await requestMessage(exchange, called, this.#options.json);
    const lastEventId = request.headers['last-event-id'] as string | undefined;
    if (isOver(method, lastEventId)) return { status: 204, headers: {}, body: '' };
    if (request.method === 'HEAD')
      return { status: 200, headers: { 'content-type': asked.form.contentType }, body: '' };
    await this.#streams.serve({
      ...{ response, headers, method, responseType, asked, context },
      message: resumed(method, bound, lastEventId),
      failure: (error) => asked.failure(this.#refusals.told(error, exchange), { domain: exchange.domain }),
    });
    return undefined;
  }

  async #asked({ request, body }: Exchange, text: string, { method, bodyIsQuery }: MeantRequest): Promise<AskedForm> {
    const { limits, fields } = this.#options;
    const more = bodyIsQuery ? `&${Buffer.from(await body.read(limits.formSizeMaxBytes)).toString()}` : '';
    return askedForm({ query: parseQuery(text + more), headers: request.headers, method }, fields);
  }

  #describe(path: string, { request }: Exchange): SentAnswer {
    const { origins } = this.#options;
    const allow = allowedMethods(path, this);
    if (allow === '') throw notServed('OPTIONS', path, this);
    return { status: 204, headers: { allow, ...preflightHeaders(request.headers, origins, allow) }, body: '' };
  }
}

/** @param answer  undefined for what has been sent. @returns it with all its headers. */
function close(exchange: Exchange, answer: SentAnswer | undefined): SentAnswer | undefined {
  const ofMethod = exchange.close();
  return answer && { ...answer, headers: { ...exchange.headers, ...ofMethod, ...answer.headers } };
}

function urlTooLong(urlLengthMax: number): HttpRefusal {
  const metadata = { urlLengthMax: String(urlLengthMax) };
  const advice = 'send a POST with X-HTTP-Method-Override: GET and the query as its form';
  return new HttpRefusal(414, `the URL is longer than ${metadata.urlLengthMax} characters; ${advice}`, {
    reason: 'URL_TOO_LONG',
    metadata,
  });
}

function draining(retryDelayMs: number): StatusError {
  return new StatusError(Code.UNAVAILABLE, 'the server stops; send the request again', {
    reason: 'SERVER_DRAINING',
    retryDelayMs,
  });
}
