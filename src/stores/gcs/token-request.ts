import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { WebClient } from '../web/web-client.ts';
import { statusFailure } from '../web/web-failure.ts';
import type { WebRequest, WebResponse } from '../web/web-request.ts';
import type { FetchedToken } from './access-tokens.ts';
import { jsonBody } from './json-body.ts';

interface TokenQuestion {
  readonly client: WebClient;
  readonly clock: Clock;
  readonly url: string;
  readonly signal: AbortSignal;
}

/** Asks a token endpoint (RFC 6749, section 4.5). */
export function postForToken(question: TokenQuestion & { readonly form: URLSearchParams }): Promise<FetchedToken> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return askForToken(question, { method: 'POST', headers, body: Buffer.from(question.form.toString()) });
}

/** Asks the metadata server of the machine, which knows its service account. */
export function getToken(question: TokenQuestion): Promise<FetchedToken> {
  return askForToken(question, { method: 'GET', headers: { 'metadata-flavor': 'Google' } });
}

async function askForToken(
  { client, clock, url, signal }: TokenQuestion,
  sent: Pick<WebRequest, 'method' | 'headers' | 'body'>,
): Promise<FetchedToken> {
  const { origin, pathname, search } = new URL(url);
  const startMs = clock.monotonic();
  const request = { ...sent, origin, target: pathname + search, resource: `${origin}${pathname}`, signal };
  const response = await client.send(request);
  if (response.status !== 200) throw refused(request, response);
  const { access_token: token, expires_in: durationS } = jsonBody(response);
  if (typeof token === 'string' && typeof durationS === 'number') return { token, endMs: startMs + durationS * 1000 };
  const message = `${request.resource}: the token endpoint answers without a token`;
  throw new StatusError(Code.UNAUTHENTICATED, message, { reason: 'CREDENTIALS_REFUSED' });
}

/** "invalid_grant" is 400: the credentials are wrong, not the request. */
function refused(request: WebRequest, response: WebResponse): StatusError {
  const isOurs = response.status >= 400 && response.status < 500 && response.status !== 429;
  if (!isOurs) return statusFailure(request, response);
  return statusFailure(request, response, {
    code: Code.UNAUTHENTICATED,
    reason: 'CREDENTIALS_REFUSED',
    ...said(response),
  });
}

function said(response: WebResponse): { readonly serviceCode?: string } {
  const { error } = jsonBody(response);
  return typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? { serviceCode: error } : {};
}
