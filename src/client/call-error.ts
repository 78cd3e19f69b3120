import type { ServiceError } from '@grpc/grpc-js';
import { Code, codeName } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { messageName } from '../core/any.ts';
import { unpackAny } from '../schema/protos.ts';
import { decodeStatus } from '../schema/status.ts';
import { durationMsOf, type DurationMessage } from '../schema/duration.ts';

/** The trailer that carries the encoded google.rpc.Status. */
const STATUS_DETAILS = 'grpc-status-details-bin';

/** Reasons of what no server has answered: the transport, or a server without ErrorInfo. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [Code.UNAVAILABLE, 'SERVER_UNREACHABLE'],
  [Code.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  [Code.UNIMPLEMENTED, 'CALL_NOT_SUPPORTED'],
]);

/**
 * How a call was refused, as the server said it: code, message, ErrorInfo, violations and the delay before a new try.
 *
 * @param address  of the server, for errors that it has not made itself.
 */
export function callError(error: ServiceError, address: string): StatusError {
  const status = statusOfTrailer(error);
  const code = Object.values(Code).find((value) => value === (error.code as number)) ?? Code.UNKNOWN;
  if (status?.info === undefined) return transportError(error, code, address);
  const details = (status.details ?? []).map((any) => ({ type: messageName(any), message: unpackAny(any) ?? {} }));
  const violations = details.find(({ type }) => type === 'google.rpc.BadRequest')?.message['fieldViolations'];
  const delay = details.find(({ type }) => type === 'google.rpc.RetryInfo')?.message['retryDelay'];
  return new StatusError(code, status.message === '' ? error.details : status.message, {
    ...status.info,
    fieldViolations: (violations ?? []) as StatusError['fieldViolations'],
    ...(delay === undefined ? {} : { retryDelayMs: durationMsOf(delay as DurationMessage, 'retry_delay') }),
    cause: error,
  });
}

function transportError(error: ServiceError, code: Code, address: string): StatusError {
  const reason = REASONS.get(code) ?? codeName(code);
  const message =
    code === Code.UNAVAILABLE ? `no server answers at ${address}: ${plainCause(error.details)}` : error.details;
  return new StatusError(code, message, { reason, metadata: { address }, cause: error });
}

/** Of grpc-js' report on a connection that failed, what went wrong last. */
function plainCause(details: string): string {
  return /Last error: (?:Error: )?(.+?)\.? Resolution note:/s.exec(details)?.[1] ?? details;
}

/** Details that cannot be read are as good as none. */
function statusOfTrailer({ metadata }: ServiceError): ReturnType<typeof decodeStatus> | undefined {
  // grpc-js types it as always there; errors of its own have none.
  const [bytes] = (metadata as ServiceError['metadata'] | undefined)?.get(STATUS_DETAILS) ?? [];
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return decodeStatus(bytes);
  } catch {
    return undefined;
  }
}
