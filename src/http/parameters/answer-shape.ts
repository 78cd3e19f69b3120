import type { StatusError } from '../../core/status-error.ts';
import { altFormat } from './alt.ts';
import { badParameter } from './bad-parameter.ts';
import type { SystemQuery } from './split-query.ts';

/** How every answer to a request looks, also the one that refuses it. */
export interface AnswerShape {
  /** `$.xgafv`: with 1 an error has `errors[]` too. */
  readonly errorFormat: 1 | 2;
  /** The function that JSONP calls. */
  readonly callback?: string;
}

/** Of a request whose query could not be read. */
export const PLAIN_SHAPE: AnswerShape = { errorFormat: 2 };

/** A shape, and what is wrong with its parameters: to be told before anything else is looked at, in this shape. */
export interface CheckedShape {
  readonly shape: AnswerShape;
  readonly refusal?: StatusError;
}

const CALLBACK_NAME = /^[A-Za-z0-9_$.[\]]+$/;

/**
 * What `$.xgafv` and `callback` make of the answers. Of several `$.xgafv` the last one counts, of callbacks the first.
 *
 * JSONP is what a script element fetches: `callback` counts for GET and JSON only, and is not even looked at elsewhere. A name that is
 * refused is not called. Google's front end does that, and so runs whatever script stands there.
 *
 * @param method  the one meant, where X-HTTP-Method-Override changes it.
 */
export function answerShape(system: SystemQuery, method: string): CheckedShape {
  const xgafv = system.get('$.xgafv')?.at(-1);
  const callback = callbackOf(system, method);
  const isCallable = callback !== undefined && CALLBACK_NAME.test(callback);
  const shape: AnswerShape = { errorFormat: xgafv === '1' ? 1 : 2, ...(isCallable ? { callback } : {}) };
  if (xgafv !== undefined && xgafv !== '1' && xgafv !== '2') return { shape, refusal: badErrorFormat(xgafv) };
  if (callback !== undefined && !isCallable) return { shape, refusal: badCallback(callback) };
  return { shape };
}

function callbackOf(system: SystemQuery, method: string): string | undefined {
  const callback = system.get('callback')?.[0];
  const isScript = (method === 'GET' || method === 'HEAD') && altFormat(system) === 'json';
  return callback === '' || !isScript ? undefined : callback;
}

function badErrorFormat(value: string): StatusError {
  const sentence = 'Invalid query parameters. Invalid value';
  return badParameter('$.xgafv', value, (shown) => `${sentence} '${shown}' for system query parameter : $.xgafv`);
}

function badCallback(name: string): StatusError {
  const allowed = "only alphabet, number, '_', '$', '.', '[' and ']' are allowed.";
  return badParameter('callback', name, (shown) => `Invalid JSONP callback name: '${shown}'; ${allowed}`);
}
