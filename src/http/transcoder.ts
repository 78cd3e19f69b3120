import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFault, publicError } from '../api/errors.ts';
import { Code } from '../core/code.ts';
import type { Logger } from '../core/logger.ts';
import { DEFAULT_DOMAIN, StatusError } from '../core/status-error.ts';
import type { ProtoJsonLimits } from '../schema/json/limits.ts';
import type { Answer, FailureForm } from './answer-form.ts';
import { bindRequest } from './bind-request.ts';
import { HttpCallContext } from './call-context.ts';
import { failureForm } from './parameters/answer-forms.ts';
import { PLAIN_SHAPE } from './parameters/answer-shape.ts';
import { askedForm, type AskedForm } from './parameters/asked-form.ts';
import type { FieldsLimits } from './parameters/limits.ts';
import { meantRequest, type MeantRequest } from './parameters/meant-request.ts';
import { readBody } from './read-body.ts';
import { parseQuery, parseRequestTarget } from './request-target.ts';
import type { Router } from './router.ts';
import type { Route } from './routes.ts';

export interface TranscoderOptions {
  readonly routes: Router<Route>;
  readonly json: ProtoJsonLimits;
  readonly fields: FieldsLimits;
  readonly bodySizeMaxBytes: number;
  /** Of a body that is a query. */
  readonly formSizeMaxBytes: number;
  readonly log: Logger;
}

const NO_BYTES = new Uint8Array(0);

/** What is known of a request so far, for those who tell its error. */
interface Progress {
  form: FailureForm;
  domain: string;
  route?: Route;
}

/**
 * HTTP/JSON → the same Methods that gRPC serves: finds the route, makes the request's message of path, query and body, and writes the
 * answer in the form that the caller asks for.
 */
export class Transcoder {
  readonly #options: TranscoderOptions;

  constructor(options: TranscoderOptions) {
    this.#options = options;
  }

  /** All that is served. */
  get routes(): readonly Route[] {
    return this.#options.routes.targets;
  }

  /** Answers whatever comes; never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const context = new HttpCallContext(request, response, undefined);
    const progress: Progress = { form: failureForm(PLAIN_SHAPE), domain: DEFAULT_DOMAIN };
    let answer: Answer;
    try {
      answer = await this.#call(request, context, progress);
    } catch (error) {
      answer = this.#refusal(error, progress);
    }
    context.close();
    send(response, answer, context.headers);
  }

  async #call(request: IncomingMessage, context: HttpCallContext, progress: Progress): Promise<Answer> {
    const { path, query: text } = parseRequestTarget(request.url ?? '');
    const meant = meantRequest(request.method ?? '', request.headers);
    const asked = await this.#asked(request, text, meant);
    progress.form = asked;
    if (asked.refusal !== undefined) throw asked.refusal;
    const { target: route, segments } = this.#find(meant.method, path);
    progress.route = route;
    progress.domain = route.domain;
    const form = asked.settle('message', route.responseType);
    progress.form = form;
    const body = meant.bodyIsQuery ? NO_BYTES : await readBody(request, this.#options.bodySizeMaxBytes);
    const parts = { segments, query: asked.query, body };
    const message = bindRequest(route.binding, parts, this.#options.json) as never;
    progress.domain = route.method.domain(message);
    return form.success(route.responseType, await route.method.handle(message, context));
  }

  async #asked(request: IncomingMessage, text: string, { method, bodyIsQuery }: MeantRequest): Promise<AskedForm> {
    const { formSizeMaxBytes, fields } = this.#options;
    const more = bodyIsQuery ? Buffer.from(await readBody(request, formSizeMaxBytes)).toString() : '';
    return askedForm({ query: parseQuery(`${text}&${more}`), headers: request.headers, method }, fields);
  }

  #find(method: string, path: string): NonNullable<ReturnType<Router<Route>['find']>> {
    const match = this.#options.routes.find(method === 'HEAD' ? 'GET' : method, path);
    if (match !== undefined) return match;
    throw new StatusError(Code.NOT_FOUND, `nothing is served at ${path.slice(0, 256)}`, { reason: 'PATH_NOT_FOUND' });
  }

  #refusal(error: unknown, { form, domain, route }: Progress): Answer {
    const told = publicError(error);
    if (isFault(told)) {
      const { service, rpc } = route?.method ?? {};
      this.#options.log.error({ error, service, rpc }, 'a call failed');
    }
    return form.failure(told, { domain });
  }
}

function send(response: ServerResponse, answer: Answer, headers: Readonly<Record<string, string>> | undefined): void {
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    ...headers,
  });
  response.end(answer.body);
}
