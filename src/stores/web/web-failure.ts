import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { headerOf, type WebRequest, type WebResponse } from './web-request.ts';

/** What a store knows of a failure beyond its status. */
export interface FailureDetail {
  /** The service's own word for it, such as `NoSuchBucket`. */
  readonly serviceCode?: string;
  /** The service's sentence. */
  readonly message?: string;
  /** By which the service's owner finds the request. */
  readonly requestId?: string;
  /** Where the status alone would say something else. */
  readonly code?: Code;
  readonly reason?: string;
  readonly isFinal?: boolean;
}

interface Meaning {
  readonly code: Code;
  readonly reason: string;
  readonly text: string;
}

const MEANINGS: Readonly<Record<number, Meaning>> = {
  400: { code: Code.INVALID_ARGUMENT, reason: 'REQUEST_REFUSED', text: 'the service does not accept the request' },
  401: {
    code: Code.UNAUTHENTICATED,
    reason: 'CREDENTIALS_REFUSED',
    text: 'the service does not accept the credentials',
  },
  403: { code: Code.PERMISSION_DENIED, reason: 'ACCESS_DENIED', text: 'the credentials may not do this' },
  404: { code: Code.NOT_FOUND, reason: 'OBJECT_NOT_FOUND', text: 'it is not there' },
  408: { code: Code.DEADLINE_EXCEEDED, reason: 'REQUEST_TIMEOUT', text: 'the service waited too long for the request' },
  409: { code: Code.FAILED_PRECONDITION, reason: 'OBJECT_CHANGED', text: 'somebody else is changing it' },
  410: { code: Code.NOT_FOUND, reason: 'OBJECT_NOT_FOUND', text: 'it is gone' },
  411: { code: Code.INVALID_ARGUMENT, reason: 'REQUEST_REFUSED', text: 'the service asks for a length' },
  412: {
    code: Code.FAILED_PRECONDITION,
    reason: 'OBJECT_CHANGED',
    text: 'it is not the object that was expected any more',
  },
  413: { code: Code.INVALID_ARGUMENT, reason: 'OBJECT_TOO_LARGE', text: 'it is too large for the service' },
  416: { code: Code.OUT_OF_RANGE, reason: 'RANGE_NOT_SATISFIABLE', text: 'the range is not within the object' },
  429: { code: Code.RESOURCE_EXHAUSTED, reason: 'SLOW_DOWN', text: 'the service asks to slow down' },
  501: { code: Code.UNIMPLEMENTED, reason: 'NOT_IMPLEMENTED', text: 'the service has no such function' },
  503: { code: Code.UNAVAILABLE, reason: 'SLOW_DOWN', text: 'the service is overloaded or down' },
  504: { code: Code.DEADLINE_EXCEEDED, reason: 'SERVICE_TIMEOUT', text: 'the service did not answer in time' },
  507: { code: Code.RESOURCE_EXHAUSTED, reason: 'STORE_FULL', text: 'the service has no space left' },
};

/** The error of an answer that is none of those hoped for (TRANSFER.md §2.9), with Retry-After as its retryDelayMs. */
export function statusFailure(
  request: Pick<WebRequest, 'resource'>,
  response: WebResponse,
  detail: FailureDetail = {},
): StatusError {
  const { status } = response;
  const meaning = MEANINGS[status] ?? meaningOf(status);
  const said = [detail.serviceCode, detail.message].filter((text) => text !== undefined).join(': ');
  const retryDelayMs = retryAfterMs(response, Date.now());
  const text = `${request.resource}: ${meaning.text} (HTTP ${status}${said === '' ? '' : `, ${said}`})`;
  return new StatusError(detail.code ?? meaning.code, text, {
    reason: detail.reason ?? meaning.reason,
    metadata: {
      resource: request.resource,
      status: String(status),
      ...(detail.serviceCode === undefined ? {} : { serviceCode: detail.serviceCode }),
      ...(detail.requestId === undefined ? {} : { requestId: detail.requestId }),
      ...(retryDelayMs === undefined ? {} : { retryAfterMs: String(retryDelayMs) }),
    },
    ...(retryDelayMs === undefined ? {} : { retryDelayMs }),
    ...(detail.isFinal === undefined ? {} : { isFinal: detail.isFinal }),
  });
}

function meaningOf(status: number): Meaning {
  if (status >= 500) return { code: Code.UNAVAILABLE, reason: 'SERVICE_ERROR', text: 'the service failed' };
  if (status >= 400)
    return { code: Code.INVALID_ARGUMENT, reason: 'REQUEST_REFUSED', text: 'the service refused the request' };
  if (status >= 300)
    return {
      code: Code.FAILED_PRECONDITION,
      reason: 'REDIRECTED',
      text: 'it is served elsewhere; check the endpoint and the region',
    };
  return { code: Code.INTERNAL, reason: 'ANSWER_UNEXPECTED', text: 'the service answered in a way it should not' };
}

/** Retry-After in milliseconds: seconds, or a date (RFC 9110, section 10.2.3). */
export function retryAfterMs(response: WebResponse, nowMs: number): number | undefined {
  const value = headerOf(response, 'retry-after');
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/** Errors of undici and of sockets that mean that somebody was too slow. */
const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** Configuration, not the weather: another try would end in the same way. */
const UNTRUSTED = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/;

/** The error of a request that got no answer, or not all of it. What is a StatusError already stays as it is. */
export function connectionFailure(
  { resource, origin }: Pick<WebRequest, 'resource' | 'origin'>,
  error: unknown,
): StatusError {
  if (error instanceof StatusError) return error;
  const code = errorCode(error);
  const options = { metadata: { resource, origin, ...(code === '' ? {} : { cause: code }) }, cause: error };
  if (TIMEOUTS.has(code)) {
    const text = `${resource}: ${origin} did not answer in time (${code})`;
    return new StatusError(Code.DEADLINE_EXCEEDED, text, { reason: 'SERVICE_STALLED', ...options });
  }
  if (UNTRUSTED.test(code)) {
    const text = `${resource}: the certificate of ${origin} is not trusted (${code}); name its authority in the configuration`;
    return new StatusError(Code.FAILED_PRECONDITION, text, {
      reason: 'CERTIFICATE_NOT_TRUSTED',
      isFinal: true,
      ...options,
    });
  }
  const text = `${resource}: the connection to ${origin} failed (${code === '' ? messageOf(error) : code})`;
  return new StatusError(Code.UNAVAILABLE, text, { reason: 'CONNECTION_FAILED', ...options });
}

function errorCode(error: unknown): string {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown };
  if (typeof code === 'string') return code;
  // Several addresses were tried: each has its own error.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [cause];
  return first === undefined ? '' : errorCode(first);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no reason given';
}
