import type { Method } from '../api/method.ts';
import type { ProtoJsonLimits } from '../schema/json/limits.ts';
import type { Message } from '../schema/protos.ts';
import type { AnswerForm } from './answer-form.ts';
import type { HttpCallContext } from './call-context.ts';
import { taggedAnswer, unlessKnown, type TaggedAnswer } from './entity-tag.ts';
import type { Exchange } from './exchange.ts';
import { KeptAnswers } from './kept-answers.ts';
import { KnownGets, type KnownGet } from './known-gets.ts';
import { preferredWait } from './preferred-wait.ts';
import { requestMessage, type Called } from './request-message.ts';
import type { SentAnswer } from './send-answer.ts';

export interface UnaryLimits {
  readonly keptAnswersMaxBytes: number;
  readonly keptLargeAnswersMaxBytes: number;
  readonly knownGetCountMax: number;
}

/** Calls of RPCs that answer once. */
export class UnaryCalls {
  readonly #json: ProtoJsonLimits;
  readonly #kept: KeptAnswers;
  readonly #known: KnownGets;

  constructor(json: ProtoJsonLimits, limits: UnaryLimits) {
    this.#json = json;
    this.#kept = new KeptAnswers(limits.keptAnswersMaxBytes, limits.keptLargeAnswersMaxBytes);
    this.#known = new KnownGets(limits.knownGetCountMax);
  }

  /** @throws StatusError as the method, and as whatever reads the request. */
  async answer(exchange: Exchange, method: Method, called: Called): Promise<SentAnswer> {
    const { request } = exchange;
    const { target: route } = called.match;
    const form = called.asked.settle('message', route.responseType, route.defaultFields);
    exchange.form = form;
    const context = exchange.openContext();
    const message = await requestMessage(exchange, called, this.#json);
    const response = await call(exchange, { method, wait: route.wait }, message, context);
    const isOneResource = route.rule.method === 'GET' && method.rpc.startsWith('Get');
    if (method.rpc.startsWith('List')) {
      const hold = exchange.hold.bind(exchange);
      return { headers: {}, ...(await form.page(route.responseType, response, hold)) };
    }
    if (!isOneResource) return { headers: {}, ...form.success(route.responseType, response) };
    const { key } = form;
    if (key !== undefined) this.#known.keep(request, { route, method, form: { ...form, key }, message });
    return this.#unlessKnown(exchange, this.#tagged(form, route.responseType, response));
  }

  /**
   * Answers a GET that was answered before, as `answer` would. What the method has at hand is answered without a promise.
   *
   * @returns undefined for all others.
   * @throws as `answer` does, at once or by the promise.
   */
  answerKnown(exchange: Exchange): SentAnswer | Promise<SentAnswer> | undefined {
    const known = this.#known.find(exchange.request);
    if (known === undefined) return undefined;
    const { route, method, form, message } = known;
    exchange.route = route;
    exchange.form = form;
    exchange.domain = method.domain(message as never);
    const response = method.handle(message as never, exchange.openContext());
    if (response instanceof Uint8Array) return this.#answerOf(exchange, known, response);
    return response.then((message) => this.#answerOf(exchange, known, message));
  }

  #answerOf(exchange: Exchange, { form, route }: KnownGet, response: object | Uint8Array): SentAnswer {
    return this.#unlessKnown(exchange, this.#tagged(form, route.responseType, response));
  }

  #unlessKnown({ request }: Exchange, answer: TaggedAnswer): SentAnswer {
    return unlessKnown(answer, request.headers['if-none-match']);
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
