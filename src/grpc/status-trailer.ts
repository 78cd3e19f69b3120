import { Metadata } from '@grpc/grpc-js';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { encodeStatus } from '../schema/status.ts';

/** The trailer that carries the encoded google.rpc.Status. */
export const STATUS_DETAILS = 'grpc-status-details-bin';

/**
 * Bytes of a status message as sent, percent-encoded, and of the encoded details. Their sum stays below the 8 KiB of metadata that
 * clients built on gRPC's C core accept by default; over it the call would fail with another error than ours.
 */
const MESSAGE_BYTES_MAX = 2048;
const DETAILS_BYTES_MAX = 4096;

/** grpc-js' own type, with the codes as the numbers they are. */
export interface GrpcStatus {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/** A StatusError as grpc-js sends it, with its details and within the bounds above. */
export function grpcStatus(error: StatusError, domain: string): GrpcStatus {
  const message = boundedMessage(error.message);
  const metadata = new Metadata();
  metadata.set(STATUS_DETAILS, boundedDetails(error, message, domain));
  return { code: error.code, details: message, metadata };
}

/** Cut where its percent-encoding would be too long. A lone surrogate, which has none, is replaced. */
function boundedMessage(message: string): string {
  let bounded = message.slice(0, MESSAGE_BYTES_MAX).toWellFormed();
  while (encodeURI(bounded).length > MESSAGE_BYTES_MAX) {
    bounded = bounded.slice(0, Math.floor(bounded.length / 2)).toWellFormed();
  }
  return bounded;
}

/** Everything if it fits; else the ErrorInfo; else that without its metadata. */
function boundedDetails(error: StatusError, message: string, domain: string): Buffer {
  const whole = encodeStatus(
    new StatusError(error.code, message, {
      ...error.info,
      fieldViolations: error.fieldViolations,
      ...(error.retryDelayMs === undefined ? {} : { retryDelayMs: error.retryDelayMs }),
    }),
    domain,
  );
  if (whole.length <= DETAILS_BYTES_MAX) return whole;
  const short = encodeStatus({ code: error.code, message, info: error.info }, domain);
  if (short.length <= DETAILS_BYTES_MAX) return short;
  const { metadata: _metadata, ...info } = error.info;
  return encodeStatus({ code: error.code, message, info }, domain);
}

/** The codes that grpc-js answers by itself, by what they then mean. */
const OWN_REASONS: ReadonlyMap<number, string> = new Map([
  [Code.RESOURCE_EXHAUSTED, 'MESSAGE_TOO_LARGE'],
  [Code.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  [Code.UNIMPLEMENTED, 'CALL_NOT_SUPPORTED'],
]);

/** What grpc-js answers by itself, such as to a message that is too large, as an error with ErrorInfo. */
export function errorOfGrpc(code: number, details: string): StatusError {
  const known = Object.values(Code).find((value) => value === code) ?? Code.UNKNOWN;
  return new StatusError(known, details, { reason: OWN_REASONS.get(code) ?? 'TRANSPORT_ERROR' });
}
