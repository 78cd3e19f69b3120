import type { IncomingHttpHeaders } from 'node:http';

const METHOD = /^[A-Za-z]+$/;
const FORM = 'application/x-www-form-urlencoded';

/** What a caller means by a POST whose X-HTTP-Method-Override says so. */
export interface MeantRequest {
  readonly method: string;
  /** Whether its body is the query: there was no room for that in the URL. */
  readonly bodyIsQuery: boolean;
}

/**
 * The method that X-HTTP-Method-Override names, where proxies or lengths of URLs let through only a POST; on other methods it is not
 * looked at. A GET with a form for its body has its query there, as google-api-python-client sends what has more than 2,048 characters.
 *
 * @param method  in capitals, as Node gives it.
 */
export function meantRequest(method: string, headers: IncomingHttpHeaders): MeantRequest {
  const override = headers['x-http-method-override'];
  if (method !== 'POST' || typeof override !== 'string' || !METHOD.test(override.trim())) {
    return { method, bodyIsQuery: false };
  }
  const meant = override.trim().toUpperCase();
  const mediaType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return { method: meant, bodyIsQuery: meant === 'GET' && mediaType === FORM };
}
