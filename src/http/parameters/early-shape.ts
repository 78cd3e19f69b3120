import { PLAIN_SHAPE, type AnswerShape } from './answer-shape.ts';

const ERROR_FORMAT = /[?&](?:\$|%24)\.xgafv=([^&]*)/gi;

/**
 * The shape of an answer that refuses a request before its parameters are read: `$.xgafv` alone is looked for. Never a callback, as such an answer
 * may be one that no page is to run.
 *
 * @param url  a request's target, whatever it is.
 */
export function earlyShape(url: string): AnswerShape {
  const [, value] = [...url.matchAll(ERROR_FORMAT)].at(-1) ?? [];
  return value === '1' ? { errorFormat: 1 } : PLAIN_SHAPE;
}
