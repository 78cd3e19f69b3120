import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser sends this, as far as its page cannot help it: Firefox has pages set User-Agent, every browser Accept-Language, none leaves that
 * away. Over plain HTTP browsers tell no Sec-Fetch-Site. Node's fetch is told by Sec-Fetch-Mode without it.
 */
export function isBrowser(headers: IncomingHttpHeaders): boolean {
  const { origin, 'user-agent': agent = '', 'accept-language': language } = headers;
  if (origin !== undefined || headers['sec-fetch-site'] !== undefined || agent.startsWith('Mozilla/')) return true;
  return language !== undefined && headers['sec-fetch-mode'] === undefined;
}
