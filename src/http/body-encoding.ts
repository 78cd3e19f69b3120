import type { IncomingHttpHeaders } from 'node:http';
import { HttpRefusal } from './http-refusal.ts';

export type BodyEncoding = 'identity' | 'gzip';

/**
 * How a body is sent: as it is, or compressed, as Google's clients for Java and .NET send each of theirs.
 *
 * @throws HttpRefusal 415 for another Content-Encoding; it names those that are taken (RFC 9110, section 12.5.3).
 */
export function bodyEncodingOf({ 'content-encoding': encoding = 'identity' }: IncomingHttpHeaders): BodyEncoding {
  const name = encoding.trim();
  if (/^(?:identity)?$/i.test(name)) return 'identity';
  // RFC 9110, section 8.4.1.3: `x-gzip` is the same.
  if (/^(?:x-)?gzip$/i.test(name)) return 'gzip';
  const shown = encoding.slice(0, 64);
  throw new HttpRefusal(415, `a body may not be encoded as ${shown}; send it as it is, or as gzip`, {
    reason: 'CONTENT_ENCODING_NOT_SUPPORTED',
    metadata: { contentEncoding: shown },
    headers: { 'accept-encoding': 'gzip, identity' },
  });
}
