import type { IncomingHttpHeaders } from 'node:http';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { isBrowser } from './is-browser.ts';

/** Origins whose pages may call, such as `https://console.example.com`; `*` is all of them. None: pages of other origins may not. */
export type AllowedOrigins = ReadonlySet<string>;

/** Headers of answers that a page may read, beyond those it may anyway (Fetch, "CORS-safelisted response-header name"). */
const EXPOSED = 'ETag, Preference-Applied, Retry-After';
/** How long a browser keeps the answer to a preflight, seconds: ten minutes, more than which some do not keep. */
const MAX_AGE_S = 600;
/** RFC 9110's token, in a list. */
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~, -]{1,1024}$/;

/** Headers that let a page of another origin read an answer; none where it may not. */
export function corsHeaders(
  { origin }: IncomingHttpHeaders,
  allowed: AllowedOrigins,
): Readonly<Record<string, string>> {
  if (allowed.size === 0) return {};
  const isAllowed = origin !== undefined && (allowed.has('*') || allowed.has(origin));
  if (!isAllowed) return { vary: 'Origin' };
  return { vary: 'Origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED };
}

/** Headers of the answer to OPTIONS: a preflight's where it is one of an allowed origin. */
export function preflightHeaders(
  headers: IncomingHttpHeaders,
  allowed: AllowedOrigins,
  methods: string,
): Readonly<Record<string, string>> {
  const cors = corsHeaders(headers, allowed);
  const isPreflight = headers['access-control-request-method'] !== undefined;
  if (cors['access-control-allow-origin'] === undefined || !isPreflight) return cors;
  const asked = headers['access-control-request-headers'];
  return {
    ...cors,
    vary: 'Origin, Access-Control-Request-Headers',
    'access-control-allow-methods': methods,
    ...(asked !== undefined && HEADER_NAMES.test(asked) ? { 'access-control-allow-headers': asked } : {}),
    'access-control-max-age': String(MAX_AGE_S),
  };
}

/**
 * Refuses what a page of another origin would change: browsers send a POST without a body for any page, and only then keep its answer
 * from the page.
 *
 * @throws StatusError PERMISSION_DENIED (reason ORIGIN_NOT_ALLOWED).
 */
export function checkOrigin(method: string, { origin, host }: IncomingHttpHeaders, allowed: AllowedOrigins): void {
  if (origin === undefined || method === 'GET' || method === 'HEAD') return;
  if (allowed.has('*') || allowed.has(origin) || hostOf(origin) === host) return;
  throw notAllowed(origin);
}

/**
 * Refuses JSONP to a page of another origin: a script is the one answer that browsers keep from no page. They tell which page asks by
 * `Sec-Fetch-Site`, unless they came over plain HTTP to what is not their own machine, and whose it is by `Referer`.
 *
 * @throws StatusError PERMISSION_DENIED (reason ORIGIN_NOT_ALLOWED).
 */
export function checkScript(headers: IncomingHttpHeaders, allowed: AllowedOrigins): void {
  const { 'sec-fetch-site': site, host } = headers;
  if (site === 'same-origin' || site === 'none' || allowed.has('*') || !isBrowser(headers)) return;
  const [origin = 'another origin'] = /^https?:\/\/[^/?#]+/.exec(headers.referer ?? '') ?? [];
  const isOwn = site === undefined && hostOf(origin) === host;
  if (!isOwn && !allowed.has(origin)) throw notAllowed(origin);
}

function hostOf(origin: string): string {
  return origin.replace(/^https?:\/\//, '');
}

function notAllowed(origin: string): StatusError {
  const shown = origin.slice(0, 256);
  const message = `pages of ${shown} may not call; allow it in the config file's cors`;
  return new StatusError(Code.PERMISSION_DENIED, message, {
    reason: 'ORIGIN_NOT_ALLOWED',
    metadata: { origin: shown },
  });
}
