import type { IncomingMessage } from 'node:http';
import { HttpRefusal } from './http-refusal.ts';

/** RFC 3986, sections 3.2.2 and 3.2.3: an address in brackets, or a name; and a port. */
const HOST = /^(?:\[[\dA-Fa-f:.v]+\]|(?:[\w.~!$&'()*+,;=-]|%[\dA-Fa-f]{2})*)(?::\d*)?$/;
const AUTHORITY = /^https?:\/\/([^/?#]*)/i;

/**
 * What Node's parser lets through and RFC 9112 does not: where servers differ on whom a request is for, or where it ends, one of them takes the
 * rest of it for another request.
 *
 * @returns 400 (reason MALFORMED_HTTP) or 501 (TRANSFER_ENCODING_NOT_SERVED), after which the connection is to be closed; undefined where
 *   nothing is wrong.
 */
export function framingRefusal({
  headers,
  rawHeaders,
  httpVersionMajor,
  url = '',
}: IncomingMessage): HttpRefusal | undefined {
  // Others than HTTP/1.x have another form of message.
  if (httpVersionMajor !== 1) return malformed('HTTP_VERSION');
  // Section 3.2: "any request message that contains more than one Host header field line or a Host header field with an invalid field value".
  if (headers.host !== undefined && !HOST.test(headers.host)) return malformed('INVALID_HOST');
  if (hostCount(rawHeaders) > 1) return malformed('SEVERAL_HOSTS');
  if (isForAnother(url, headers.host)) return malformed('ANOTHER_HOST');
  const { 'transfer-encoding': encoding } = headers;
  // Section 6.1: "a transfer coding it does not understand". Node itself refuses those that do not end with chunks.
  return encoding !== undefined && /.[\t ,]chunked$/i.test(encoding) ? notServed(encoding) : undefined;
}

/** Node drops those behind the first. */
function hostCount(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

/** Section 3.2: a client sends as Host what a target in absolute-form names; servers differ on which of the two they go by. */
function isForAnother(url: string, host: string | undefined): boolean {
  if (url.startsWith('/') || host === undefined) return false;
  const authority = AUTHORITY.exec(url)?.[1];
  return authority !== undefined && authority.toLowerCase() !== host.toLowerCase();
}

function malformed(cause: string): HttpRefusal {
  return new HttpRefusal(400, `the request is not HTTP/1.1 as RFC 9112 has it: ${cause}`, {
    reason: 'MALFORMED_HTTP',
    metadata: { cause },
    headers: { connection: 'close' },
  });
}

function notServed(encoding: string): HttpRefusal {
  const shown = encoding.slice(0, 64);
  return new HttpRefusal(
    501,
    `bodies transferred as ${shown} are not served; send them chunked, or with their length`,
    {
      reason: 'TRANSFER_ENCODING_NOT_SERVED',
      metadata: { encoding: shown },
      headers: { connection: 'close' },
    },
  );
}
