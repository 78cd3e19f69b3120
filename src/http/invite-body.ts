import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Who sent `Expect: 100-continue` waits for a word before it sends its body.
 *
 * RFC 9110, section 10.1.1: a server ignores it "in an HTTP/1.0 request": to that caller the word would be the answer.
 */
export function inviteBody({ headers, httpVersionMinor }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect !== undefined && httpVersionMinor > 0) response.writeContinue();
}
