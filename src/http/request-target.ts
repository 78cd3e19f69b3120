import type { QueryParameter } from '../schema/json/read-query-message.ts';
import { decodeQueryText } from './percent-decoding.ts';

/** What a request asks for, as it was sent. */
export interface RequestTarget {
  readonly path: string;
  /** Without its question mark; '' where there is none. */
  readonly query: string;
}

/** RFC 9112, section 3.2.2: "a server MUST accept the absolute-form in requests". */
const ORIGIN = /^https?:\/\/[^/?#]*/i;

export function parseRequestTarget(url: string): RequestTarget {
  const local = url.startsWith('/') ? url : url.replace(ORIGIN, '');
  const mark = local.indexOf('?');
  return mark < 0 ? { path: local, query: '' } : { path: local.slice(0, mark), query: local.slice(mark + 1) };
}

/**
 * The parameters of a query in their order, repeated ones too.
 *
 * @throws StatusError INVALID_ARGUMENT (reason MALFORMED_URL).
 */
export function parseQuery(query: string): readonly QueryParameter[] {
  if (query === '') return [];
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const mark = pair.indexOf('=');
      if (mark < 0) return [decodeQueryText(pair), ''];
      return [decodeQueryText(pair.slice(0, mark)), decodeQueryText(pair.slice(mark + 1))];
    });
}
