import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { isFault, publicError } from '../api/errors.ts';
import type { Method, StreamMethod } from '../api/method.ts';
import type { Logger } from '../core/logger.ts';
import { DEFAULT_DOMAIN, type StatusError } from '../core/status-error.ts';
import type { ProtoJsonLimits } from '../schema/json/limits.ts';
import type { QueryParameter } from '../schema/json/read-query-message.ts';
import type { Message } from '../schema/protos.ts';
import { Admission } from './admission.ts';
import type { AnswerForm, FailureForm } from './answer-form.ts';
import { errorBody } from './error-body.ts';
import { bindRequest } from './bind-request.ts';
import { checkBodyEncoding, checkBodyType, checkNoBody, isEmptyBody } from './body-type.ts';
import { ByteBudget } from './byte-budget.ts';
import { HttpCallContext } from './call-context.ts';
import { checkHost } from './check-host.ts';
import { checkOrigin, checkScript, corsHeaders, preflightHeaders, type AllowedOrigins } from './cors.ts';
import { taggedAnswer, unlessKnown, type TaggedAnswer } from './entity-tag.ts';
import { KeptAnswers } from './kept-answers.ts';
import { HttpRefusal } from './http-refusal.ts';
import type { HttpLimits } from './limits.ts';
import { failureForm } from './parameters/answer-forms.ts';
import { PLAIN_SHAPE } from './parameters/answer-shape.ts';
import { askedForm, type AskedForm } from './parameters/asked-form.ts';
import type { FieldsLimits } from './parameters/limits.ts';
import { meantRequest, type MeantRequest } from './parameters/meant-request.ts';
import { isOver, resumed, StreamCalls } from './streams/stream-calls.ts';
import { preferredWait } from './preferred-wait.ts';
import { RequestBody } from './request-body.ts';
import { requestDeadlineMs } from './request-deadline.ts';
import { parseQuery, parseRequestTarget } from './request-target.ts';
import type { RouteMatch, Router } from './router.ts';
import type { Route } from './routes.ts';
import { sendAnswer, type SentAnswer } from './send-answer.ts';
import { allowedMethods, notServed } from './unserved-path.ts';
import type { UploadCalls } from './upload/upload-calls.ts';
import type { UploadRoute } from './upload/upload-routes.ts';

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

/** A request on its way, and what is known of it so far: for those who tell its error. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: RequestBody;
  /** Of the answer, whatever that is. */
  readonly headers: Record<string, string>;
  form: FailureForm;
  domain: string;
  /** Of the body, also where a parameter says it instead of the header. */
  contentType?: string | undefined;
  route?: Route | UploadRoute;
  context?: HttpCallContext;
}

/** What a request calls, and how. */
interface Called {
  readonly match: RouteMatch<Route>;
  readonly asked: AskedForm;
  readonly bodyIsQuery: boolean;
}

/** Of every answer: it is the caller's own, is asked for again each time, and is what its type says (JSON is no page). */
const COMMON_HEADERS = { 'cache-control': 'private, no-cache', 'x-content-type-options': 'nosniff' } as const;

const NO_BYTES = new Uint8Array(0);

/**
 * HTTP/JSON → the same Methods that gRPC serves: finds the route, makes the request's message of path, query and body, and writes the
 * answer in the form that the caller asks for.
 */
export class Transcoder {
  readonly #options: TranscoderOptions;
  readonly #bytes: ByteBudget;
  readonly #kept: KeptAnswers;
  readonly #admission: Admission;
  readonly #streams: StreamCalls;

  constructor(options: TranscoderOptions) {
    this.#options = options;
    this.#bytes = new ByteBudget(options.limits.bufferedBytesMax);
    this.#kept = new KeptAnswers(options.limits.keptAnswersMaxBytes);
    this.#admission = new Admission(options.limits, this.#bytes);
    this.#streams = new StreamCalls(options.limits);
  }

  /** All that is served. */
  get routes(): readonly Route[] {
    return this.#options.routes.targets;
  }

  /** Methods that are served at a path, uploads too. */
  methodsOf(path: string): readonly string[] {
    const { routes, uploads } = this.#options;
    return [...new Set([...routes.methodsOf(path), ...(uploads?.methodsOf(path) ?? [])])];
  }

  /** Whether an answer has begun to go out on a connection. */
  isAnswering(socket: Duplex): boolean {
    return [...this.#admission.openOf(socket)].some(({ headersSent }) => headersSent);
  }

  /**
   * Answers whatever comes; never rejects.
   *
   * @param refusal  what is wrong with it already.
   */
  async serve(request: IncomingMessage, response: ServerResponse, refusal?: StatusError): Promise<void> {
    const { limits, origins } = this.#options;
    const overload = this.#admission.enter(request, response);
    const exchange: Exchange = {
      request,
      response,
      body: new RequestBody(request, response, { limits, budget: this.#bytes }),
      headers: { ...COMMON_HEADERS, ...corsHeaders(request.headers, origins) },
      form: failureForm(PLAIN_SHAPE),
      domain: DEFAULT_DOMAIN,
    };
    let answer: SentAnswer | undefined;
    try {
      if (overload !== undefined) exchange.headers['connection'] = 'close';
      const early = overload ?? refusal;
      if (early !== undefined) throw early;
      answer = await this.#answer(exchange);
    } catch (error) {
      answer = this.#refuse(error, exchange);
    }
    exchange.context?.close();
    exchange.body.release();
    if (answer === undefined || response.destroyed) return;
    const headers = { ...exchange.headers, ...exchange.context?.headers, ...answer.headers };
    this.send(request, response, { ...answer, headers });
  }

  /** Sends an answer within the bounds of all answers. */
  send(request: IncomingMessage, response: ServerResponse, answer: SentAnswer): void {
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
    const upload = this.#options.uploads?.find(meant.method, path);
    if (upload !== undefined) return this.#takeUpload(exchange, upload, { asked, query: parseQuery(query) });
    const match = routes.find(meant.method === 'HEAD' ? 'GET' : meant.method, path);
    if (match === undefined) throw notServed(meant.method, path, this);
    exchange.route = match.target;
    exchange.domain = match.target.domain;
    const call = { match, asked, bodyIsQuery: meant.bodyIsQuery };
    const { method: rpc } = match.target;
    return 'stream' in rpc ? this.#stream(exchange, rpc, call) : this.#transcode(exchange, rpc, call);
  }

  async #transcode(exchange: Exchange, method: Method, called: Called): Promise<SentAnswer> {
    const { request } = exchange;
    const { target: route } = called.match;
    const form = called.asked.settle('message', route.responseType, route.defaultFields);
    exchange.form = form;
    const context = contextOf(exchange);
    const message = await this.#message(exchange, called);
    const response = await call(exchange, { method, wait: route.wait }, message, context);
    const isOneResource = route.rule.method === 'GET' && method.rpc.startsWith('Get');
    if (!isOneResource) return { headers: {}, ...form.success(route.responseType, response) };
    return unlessKnown(this.#tagged(form, route.responseType, response), request.headers['if-none-match']);
  }

  #tagged(form: AnswerForm, responseType: string, response: object | Uint8Array): TaggedAnswer {
    const isKept = response instanceof Uint8Array && form.key !== undefined;
    if (!isKept) return taggedAnswer(form.success(responseType, response));
    const known = this.#kept.find(response, form.key);
    if (known !== undefined) return known;
    const answer = taggedAnswer(form.success(responseType, response));
    this.#kept.keep(response, form.key, answer);
    return answer;
  }

  /** As #transcode, of a request that comes with a file: its method reads that while it arrives. */
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
    const context = contextOf(exchange);
    const response = await this.#options.uploads?.call(exchange, match, { all: query, fields: asked.query }, context);
    return { headers: {}, ...form.success(responseType, response ?? NO_BYTES) };
  }

  async #stream(exchange: Exchange, method: StreamMethod, called: Called): Promise<SentAnswer | undefined> {
    const { request, response, headers } = exchange;
    const { responseType } = called.match.target;
    const asked = called.asked.settleStream(responseType, this.#options.limits.streamRetryDelayMs);
    const context = contextOf(exchange);
    const bound = await this.#message(exchange, called);
    const lastEventId = request.headers['last-event-id'] as string | undefined;
    if (isOver(method, lastEventId)) return { status: 204, headers: {}, body: '' };
    if (request.method === 'HEAD')
      return { status: 200, headers: { 'content-type': asked.form.contentType }, body: '' };
    await this.#streams.serve({
      ...{ response, headers, method, responseType, asked, context },
      message: resumed(method, bound, lastEventId),
      failure: (error) => errorBody(this.#told(error, exchange), { domain: exchange.domain }),
    });
    return undefined;
  }

  async #message(exchange: Exchange, { match, asked, bodyIsQuery }: Called): Promise<Message> {
    const { target: route, segments } = match;
    const body = bodyIsQuery ? NO_BYTES : await readBody(exchange, route);
    const message = bindRequest(route.binding, { segments, query: asked.query, body }, this.#options.json);
    exchange.domain = route.method.domain(message as never);
    return message;
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

  /** What the caller is told; what is our mistake is logged whole. */
  #told(error: unknown, { route }: Exchange): StatusError {
    const told = publicError(error);
    if (isFault(told)) {
      const { service, rpc } = route?.method ?? {};
      this.#options.log.error({ error, service, rpc }, 'a call failed');
    }
    return told;
  }

  #refuse(error: unknown, exchange: Exchange): SentAnswer {
    const told = this.#told(error, exchange);
    const { form, domain } = exchange;
    const { retryDelayMs } = told;
    const retry = retryDelayMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryDelayMs / 1000)) };
    const headers = told instanceof HttpRefusal ? { ...retry, ...told.headers } : retry;
    return { headers, ...form.failure(told, { domain }) };
  }
}

/** Also kept, for its headers and its end. */
function contextOf(exchange: Exchange): HttpCallContext {
  const { request, response } = exchange;
  const context = new HttpCallContext(request, response, requestDeadlineMs(request.headers, Date.now()));
  exchange.context = context;
  return context;
}

async function readBody({ request, body, contentType }: Exchange, { rule }: Route): Promise<Uint8Array> {
  if (!body.isThere) return NO_BYTES;
  checkBodyEncoding(request.headers);
  // Before it is sent, where the caller asks first.
  if (request.headers.expect !== undefined) checkBodyType(contentType);
  const bytes = await body.read();
  if (rule.body === undefined) checkNoBody(rule.method, bytes);
  else if (!isEmptyBody(bytes)) checkBodyType(contentType);
  return bytes;
}

/** `Prefer: wait=N` makes a Wait of a Get. */
async function call(
  { request, headers }: Exchange,
  { method, wait }: { readonly method: Method; readonly wait: Method | undefined },
  message: Message,
  context: HttpCallContext,
): Promise<object | Uint8Array> {
  const seconds = wait === undefined ? undefined : preferredWait(request.headers['prefer']);
  if (wait === undefined || seconds === undefined) return method.handle(message as never, context);
  headers['preference-applied'] = `wait=${String(seconds)}`;
  return (wait as Method<object>).handle({ ...message, timeout: { seconds: String(seconds) } }, context);
}

function urlTooLong(urlLengthMax: number): HttpRefusal {
  const metadata = { urlLengthMax: String(urlLengthMax) };
  const advice = 'send a POST with X-HTTP-Method-Override: GET and the query as its form';
  return new HttpRefusal(414, `the URL is longer than ${metadata.urlLengthMax} characters; ${advice}`, {
    reason: 'URL_TOO_LONG',
    metadata,
  });
}
