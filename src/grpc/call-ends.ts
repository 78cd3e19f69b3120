/** How every kind of call begins and ends: the request decoded, an error told, the trailers sent. */
import { Metadata } from '@grpc/grpc-js';
import { isFault, publicError } from '../api/errors.ts';
import type { AnyMethod } from '../api/method.ts';
import { serviceDomain } from '../api/service-domain.ts';
import { Code } from '../core/code.ts';
import type { Logger } from '../core/logger.ts';
import { StatusError } from '../core/status-error.ts';
import type { GrpcCallContext } from './call-context.ts';
import { grpcStatus, type GrpcStatus } from './status-trailer.ts';

/** In place of a request whose bytes are no message of its type. */
export class UndecodableRequest {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** @throws StatusError INVALID_ARGUMENT for bytes that are no message of the type. */
export function decodedRequest(request: unknown): never {
  if (!(request instanceof UndecodableRequest)) return request as never;
  throw new StatusError(Code.INVALID_ARGUMENT, 'the request cannot be decoded: its bytes are no message of its type', {
    reason: 'MALFORMED_REQUEST',
    cause: request.cause,
  });
}

/** What the caller is told of an error. One that is nobody's mistake but ours stands whole in the log, once. */
export function refusalOf(error: unknown, method: AnyMethod, request: unknown, log: Logger): GrpcStatus {
  const told = publicError(error);
  const domain =
    request instanceof UndecodableRequest ? serviceDomain(method.service) : method.domain(request as never);
  if (isFault(told)) log.error({ error, service: method.service, rpc: method.rpc }, 'a call failed');
  return grpcStatus(told, domain);
}

/** What the method has set; undefined when it has set nothing. */
export function trailersOf({ trailers }: GrpcCallContext): Metadata | undefined {
  if (trailers === undefined) return undefined;
  const metadata = new Metadata();
  for (const [key, value] of trailers) metadata.set(key, value);
  return metadata;
}
