import { isFault, publicError } from '../api/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { StatusError } from '../core/status-error.ts';
import type { Exchange } from './exchange.ts';
import { HttpRefusal } from './http-refusal.ts';
import { failureForm } from './parameters/answer-forms.ts';
import { earlyShape } from './parameters/early-shape.ts';
import type { SentAnswer } from './send-answer.ts';

/** What callers are told of errors. */
export class Refusals {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The error as its caller may see it; what is our mistake is logged whole. */
  told(error: unknown, { route }: Exchange): StatusError {
    const told = publicError(error);
    if (isFault(told)) {
      const { service, rpc } = route?.method ?? {};
      this.#log.error({ error, service, rpc }, 'a call failed');
    }
    return told;
  }

  /** The error as the answer to its request. */
  answer(error: unknown, exchange: Exchange): SentAnswer {
    const told = this.told(error, exchange);
    const { request, domain } = exchange;
    const form = exchange.form ?? failureForm(earlyShape(request.url ?? ''));
    const { retryDelayMs } = told;
    const retry = retryDelayMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryDelayMs / 1000)) };
    const headers = told instanceof HttpRefusal ? { ...retry, ...told.headers } : retry;
    return { headers, ...form.failure(told, { domain }) };
  }
}
