import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { HttpRefusal } from './http-refusal.ts';

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/i;

/**
 * @param contentType  of a body that is not empty; undefined is taken for JSON, as nothing else is.
 * @throws HttpRefusal 415 for another type, or another charset than UTF-8.
 */
export function checkBodyType(contentType: string | undefined): void {
  if (contentType === undefined) return;
  const [type = '', ...parameters] = contentType.split(';');
  const charset = parameters.map((parameter) => /^\s*charset="?([^"]*)"?\s*$/i.exec(parameter)?.[1]).find(Boolean);
  if (JSON_TYPE.test(type.trim()) && /^(?:utf-?8|us-ascii)$/i.test(charset ?? 'utf-8')) return;
  const shown = contentType.slice(0, 128);
  throw new HttpRefusal(415, `a body may not be ${shown}; send JSON in UTF-8 as Content-Type: application/json`, {
    reason: 'CONTENT_TYPE_NOT_SUPPORTED',
    metadata: { contentType: shown },
  });
}

/** No bytes, white space, `{}`, or the JSON text `""`, which google-gax sends for a message without fields. */
const EMPTY_BODY = /^\s*(?:""|\{\s*\})?\s*$/;
const EMPTY_BODY_BYTES_MAX = 16;

export function isEmptyBody(bytes: Uint8Array): boolean {
  return bytes.length <= EMPTY_BODY_BYTES_MAX && EMPTY_BODY.test(Buffer.from(bytes).toString('latin1'));
}

/** @throws StatusError INVALID_ARGUMENT for a body where the rule has none: nothing that is sent is silently ignored. */
export function checkNoBody(method: string, bytes: Uint8Array): void {
  if (isEmptyBody(bytes)) return;
  throw new StatusError(Code.INVALID_ARGUMENT, `${method} of this path takes no body; send its fields in the query`, {
    reason: 'BODY_NOT_TAKEN',
    metadata: { method },
  });
}
