import type { IncomingHttpHeaders } from 'node:http';

/** The head of an answer whose body is of a known length. */
export interface ResponseHead {
  readonly status: number;
  /** Names in lower case; one that comes more than once has an array. */
  readonly headers: IncomingHttpHeaders;
  readonly bodySizeBytes: number;
  /** Another request may follow on this connection. */
  readonly isKept: boolean;
}

const STATUS_LINE = /^HTTP\/1\.1 ([2-9]\d\d)(?: |\r|$)/;
/** RFC 9110, section 5.6.2: a token. */
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/;
/** What a value must not have (RFC 9110, section 5.5). */
const FORBIDDEN = /[\0\r\n]/;
const LENGTH = /^\d{1,15}$/;
/** Their answers have no body, whatever the headers say (RFC 9112, section 6.3). */
const WITHOUT_BODY = new Set([204, 304]);

/**
 * Reads the plainest of heads: HTTP/1.1, with one Content-Length and no Transfer-Encoding.
 *
 * @param text  up to the empty line, without it; one character a byte.
 * @returns undefined for any other, which then is not wrong, but for a whole parser: where two readers could disagree about a
 *   head, this one has no opinion.
 */
export function parseResponseHead(text: string): ResponseHead | undefined {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const status = statusOf(statusLine);
  const headers = fieldsOf(lines);
  if (status === undefined || WITHOUT_BODY.has(status) || headers === undefined) return undefined;
  const length = headers['content-length'];
  if (headers['transfer-encoding'] !== undefined || typeof length !== 'string' || !LENGTH.test(length))
    return undefined;
  const connection: unknown = headers.connection ?? 'keep-alive';
  const isKept = typeof connection === 'string' && connection.toLowerCase() === 'keep-alive';
  return { status, headers, bodySizeBytes: Number(length), isKept };
}

/** @param text  that begins with a status line. @returns undefined where that is another one than `HTTP/1.1` and a final status. */
export function statusOf(text: string): number | undefined {
  const status = STATUS_LINE.exec(text)?.[1];
  return status === undefined ? undefined : Number(status);
}

function fieldsOf(lines: readonly string[]): IncomingHttpHeaders | undefined {
  const fields = new Map<string, string | string[]>();
  for (const line of lines) {
    const [, name = '', value = ''] = FIELD.exec(line) ?? [];
    if (name === '' || FORBIDDEN.test(value)) return undefined;
    const key = name.toLowerCase();
    const before = fields.get(key);
    const told = withoutSpace(value);
    fields.set(key, before === undefined ? told : [before, told].flat());
  }
  return Object.fromEntries(fields);
}

/** Without the spaces and tabs around it (RFC 9112, section 5.1). An expression that ends in spaces takes the square of their number. */
function withoutSpace(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isSpace(value[start])) start += 1;
  while (end > start && isSpace(value[end - 1])) end -= 1;
  return value.slice(start, end);
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
