import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFault, publicError } from '../api/errors.ts';
import { Code } from '../core/code.ts';
import type { Logger } from '../core/logger.ts';
import { DEFAULT_DOMAIN, StatusError } from '../core/status-error.ts';
import type { ProtoJsonLimits } from '../schema/json/limits.ts';
import { askedForm, INDENTED_JSON, type Answer, type AnswerForm } from './answer-form.ts';
import { bindRequest } from './bind-request.ts';
import { HttpCallContext } from './call-context.ts';
import { readBody } from './read-body.ts';
import { parseQuery, parseRequestTarget } from './request-target.ts';
import type { Router } from './router.ts';
import type { Route } from './routes.ts';

export interface TranscoderOptions {
  readonly routes: Router<Route>;
  readonly json: ProtoJsonLimits;
  readonly bodySizeMaxBytes: number;
  readonly log: Logger;
}

/** What is known of a request so far, for those who tell its error. */
interface Progress {
  form: AnswerForm;
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

  /** Answers whatever comes; never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const context = new HttpCallContext(request, response, undefined);
    const progress: Progress = { form: INDENTED_JSON, domain: DEFAULT_DOMAIN };
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
    const { form, query, refusal } = askedForm(parseQuery(text), request.headers);
    progress.form = form;
    if (refusal !== undefined) throw refusal;
    const { target: route, segments } = this.#find(request.method ?? '', path);
    progress.route = route;
    progress.domain = route.domain;
    const body = await readBody(request, this.#options.bodySizeMaxBytes);
    const message = bindRequest(route.binding, { segments, query, body }, this.#options.json) as never;
    progress.domain = route.method.domain(message);
    return form.success(route.responseType, await route.method.handle(message, context));
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
