import { Code, codeName } from '../core/code.ts';
import { DEFAULT_DOMAIN, type StatusError } from '../core/status-error.ts';
import { anyJson, type JsonObject } from '../schema/message-json.ts';
import { statusDetails } from '../schema/status.ts';
import { HttpRefusal } from './http-refusal.ts';
import { legacyError } from './parameters/legacy-errors.ts';

/** google/rpc/code.proto names the HTTP status of each code. */
const HTTP_STATUS: Readonly<Record<Code, number>> = {
  [Code.OK]: 200,
  [Code.CANCELLED]: 499,
  [Code.UNKNOWN]: 500,
  [Code.INVALID_ARGUMENT]: 400,
  [Code.DEADLINE_EXCEEDED]: 504,
  [Code.NOT_FOUND]: 404,
  [Code.ALREADY_EXISTS]: 409,
  [Code.PERMISSION_DENIED]: 403,
  [Code.RESOURCE_EXHAUSTED]: 429,
  [Code.FAILED_PRECONDITION]: 400,
  [Code.ABORTED]: 409,
  [Code.OUT_OF_RANGE]: 400,
  [Code.UNIMPLEMENTED]: 501,
  [Code.INTERNAL]: 500,
  [Code.UNAVAILABLE]: 503,
  [Code.DATA_LOSS]: 500,
  [Code.UNAUTHENTICATED]: 401,
};

/** The HTTP status of an error: that of its code, unless it is one of HTTP's own. */
export function httpStatus(error: StatusError): number {
  return error instanceof HttpRefusal ? error.status : HTTP_STATUS[error.code];
}

/** What an error is told with, where the error itself does not say it. */
export interface ErrorBodyOptions {
  /** The ErrorInfo domain of an error that names none. */
  readonly domain?: string;
  /** The HTTP status when it is not that of the code. */
  readonly status?: number;
  /** `$.xgafv`: 1 adds `errors[]`. */
  readonly errorFormat?: 1 | 2;
}

/** The JSON form of an error (AIP-193, "HTTP/1.1+JSON representation"), with all its details. */
export function errorBody(error: StatusError, options: ErrorBodyOptions = {}): JsonObject {
  const { code, message } = error;
  const { domain = DEFAULT_DOMAIN, status = httpStatus(error), errorFormat } = options;
  const errors = errorFormat === 1 ? { errors: [legacyError(error)] } : {};
  const details = statusDetails(error, domain).map((detail) => anyJson(detail));
  // Members in the order that Google's front end has.
  return { error: { code: status, message, ...errors, status: codeName(code), details } };
}
