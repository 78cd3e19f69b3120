import { Code } from '../../core/code.ts';
import type { StatusError } from '../../core/status-error.ts';
import type { JsonObject } from '../../schema/message-json.ts';

const GLOBAL = { domain: 'global' } as const;

/** How errors were told before google.rpc.Status, by the words of `$.xgafv=1`. */
const REASONS: Readonly<Record<Code, string>> = {
  [Code.OK]: 'ok',
  [Code.CANCELLED]: 'cancelled',
  [Code.UNKNOWN]: 'backendError',
  [Code.INVALID_ARGUMENT]: 'badRequest',
  [Code.DEADLINE_EXCEEDED]: 'deadlineExceeded',
  [Code.NOT_FOUND]: 'notFound',
  [Code.ALREADY_EXISTS]: 'alreadyExists',
  [Code.PERMISSION_DENIED]: 'forbidden',
  [Code.RESOURCE_EXHAUSTED]: 'rateLimitExceeded',
  [Code.FAILED_PRECONDITION]: 'failedPrecondition',
  [Code.ABORTED]: 'aborted',
  [Code.OUT_OF_RANGE]: 'badRequest',
  [Code.UNIMPLEMENTED]: 'notImplemented',
  [Code.INTERNAL]: 'backendError',
  [Code.UNAVAILABLE]: 'backendError',
  [Code.DATA_LOSS]: 'backendError',
  [Code.UNAUTHENTICATED]: 'authError',
};

/** What was measured of errors of one kind, by the reason of their ErrorInfo. */
const BY_INFO: ReadonlyMap<string, JsonObject> = new Map([
  // A value or a name that the request message cannot take has no domain.
  ['INVALID_JSON', { reason: 'invalid' }],
  ['MALFORMED_JSON', { ...GLOBAL, reason: 'parseError' }],
  ['CREDENTIALS_MISSING', { message: 'Login Required.', ...GLOBAL, reason: 'required' }],
]);

/** The one entry of `errors[]`: message, domain, reason and, for credentials, where they belong. */
export function legacyError(error: StatusError): JsonObject {
  const { code, message, info } = error;
  const isOfCredentials = code === Code.UNAUTHENTICATED;
  return {
    message: isOfCredentials ? 'Invalid Credentials' : message,
    ...(BY_INFO.get(info.reason) ?? { ...GLOBAL, reason: REASONS[code] }),
    ...(isOfCredentials ? { location: 'Authorization', locationType: 'header' } : {}),
  };
}
