import { Code, codeName } from '../core/code.ts';
import { DEFAULT_DOMAIN, type StatusError } from '../core/status-error.ts';

const ERROR_INFO_URL = 'type.googleapis.com/google.rpc.ErrorInfo';

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

/** The HTTP status of a google.rpc code. */
export function httpStatus(code: Code): number {
  return HTTP_STATUS[code];
}

/**
 * The JSON form of an error (AIP-193, "HTTP/1.1+JSON representation").
 *
 * @param status  the HTTP status when it is not that of the code.
 */
export function errorBody(error: StatusError, status = httpStatus(error.code)): object {
  const info = { '@type': ERROR_INFO_URL, domain: DEFAULT_DOMAIN, ...error.info };
  return { error: { code: status, message: error.message, status: codeName(error.code), details: [info] } };
}
