import { messageName, type Any } from '../core/any.ts';
import { Code, codeName } from '../core/code.ts';
import { StatusError, type ErrorInfo, type FieldViolation, type Status } from '../core/status-error.ts';
import { durationOf } from './duration.ts';
import { decodeMessage, domainAny, encodeMessage, packAny, wireAny, type Message, type WireAny } from './protos.ts';

const STATUS = 'google.rpc.Status';
const ERROR_INFO = 'google.rpc.ErrorInfo';
const BAD_REQUEST = 'google.rpc.BadRequest';
const RETRY_INFO = 'google.rpc.RetryInfo';

/**
 * The details of a status as they go on the wire: ErrorInfo always (AIP-193: "All error responses must include an ErrorInfo"),
 * then the rest, each type at most once, the first one winning.
 *
 * @param domain  fills in an ErrorInfo that names none.
 */
export function statusDetails(status: Status | StatusError, domain: string): readonly Any[] {
  const byType = new Map<string, Any>();
  for (const detail of [errorInfo(status, domain), ...otherDetails(status)]) {
    const type = messageName(detail);
    if (!byType.has(type)) byType.set(type, detail);
  }
  return [...byType.values()];
}

/** The google.rpc.Status as a member of a message. */
export function statusMessage(status: Status | StatusError, domain: string): Message {
  return { code: status.code, message: status.message, details: statusDetails(status, domain).map(wireAny) };
}

/** The encoded google.rpc.Status. */
export function encodeStatus(status: Status | StatusError, domain: string): Buffer {
  return encodeMessage(STATUS, statusMessage(status, domain));
}

/**
 * The domain's form of an encoded google.rpc.Status; a code that no proto knows reads UNKNOWN.
 *
 * @throws Error when the bytes are no Status.
 */
export function decodeStatus(bytes: Uint8Array): Status {
  return statusOf(decodeMessage(STATUS, bytes));
}

/** The same for a Status that is a member of a decoded message. */
export function statusOf(message: Message): Status {
  const details = ((message['details'] as readonly WireAny[] | undefined) ?? []).map(domainAny);
  const info = details.find((detail) => messageName(detail) === ERROR_INFO);
  const others = details.filter((detail) => detail !== info);
  return {
    code: codeOf(message['code']),
    message: (message['message'] as string | undefined) ?? '',
    ...(info === undefined ? {} : { info: errorInfoOf(info) }),
    ...(others.length === 0 ? {} : { details: others }),
  };
}

function codeOf(code: unknown): Code {
  const known = Object.values(Code).find((value) => value === (code ?? Code.OK));
  return known ?? Code.UNKNOWN;
}

/** Some encoders write a domain that nobody has named. */
function errorInfoOf(any: Any): ErrorInfo {
  const { reason = '', domain = '', ...rest } = decodeMessage(ERROR_INFO, any.value) as Partial<ErrorInfo>;
  return { reason, ...(domain === '' ? {} : { domain }), ...rest };
}

function errorInfo(status: Status | StatusError, domain: string): Any {
  const given =
    status instanceof StatusError ? undefined : status.details?.find((any) => messageName(any) === ERROR_INFO);
  if (status.info === undefined && given !== undefined) return given;
  return packAny(ERROR_INFO, { domain, ...(status.info ?? { reason: codeName(status.code) }) });
}

function otherDetails(status: Status | StatusError): readonly Any[] {
  if (!(status instanceof StatusError)) return status.details ?? [];
  const { fieldViolations, retryDelayMs } = status;
  return [
    ...(fieldViolations.length === 0 ? [] : [badRequest(fieldViolations)]),
    ...(retryDelayMs === undefined ? [] : [packAny(RETRY_INFO, { retryDelay: durationOf(retryDelayMs) })]),
  ];
}

function badRequest(fieldViolations: readonly FieldViolation[]): Any {
  return packAny(BAD_REQUEST, { fieldViolations });
}
