import { Metadata, type handleUnaryCall, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { isFault, publicError } from '../api/errors.ts';
import type { Method } from '../api/method.ts';
import { Code } from '../core/code.ts';
import type { Logger } from '../core/logger.ts';
import { StatusError } from '../core/status-error.ts';
import { serviceDomain } from '../api/service-domain.ts';
import { GrpcCallContext } from './call-context.ts';
import { grpcStatus } from './status-trailer.ts';

type Call = ServerUnaryCall<unknown, unknown>;
type Respond = sendUnaryData<unknown>;

/** In place of a request whose bytes are no message of its type. */
export class UndecodableRequest {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/**
 * Serves a Method over grpc-js.
 *
 * Responses that are bytes already pass untouched. Every error leaves with its google.rpc.Status; one that is no StatusError
 * becomes INTERNAL and stands whole in the log, once.
 */
export function unaryHandler(method: Method, log: Logger): handleUnaryCall<unknown, unknown> {
  return (call, respond) => {
    const context = new GrpcCallContext(call);
    const answer = (response: unknown): void => {
      context.close();
      respond(null, response, trailersOf(context));
    };
    const fail = (error: unknown): void => {
      context.close();
      refuse(error, method, call, { respond, log });
    };
    try {
      const response = method.handle(decoded(call.request), context);
      if (response instanceof Uint8Array) answer(response);
      else void response.then(answer).catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}

function refuse(
  error: unknown,
  method: Method,
  call: Call,
  { respond, log }: { readonly respond: Respond; readonly log: Logger },
): void {
  const told = publicError(error);
  const { request } = call;
  const domain =
    request instanceof UndecodableRequest ? serviceDomain(method.service) : method.domain(request as never);
  if (isFault(told)) log.error({ error, service: method.service, rpc: method.rpc }, 'a call failed');
  respond(grpcStatus(told, domain));
}

/** @throws StatusError INVALID_ARGUMENT for bytes that are no message of the type. */
function decoded(request: unknown): never {
  if (!(request instanceof UndecodableRequest)) return request as never;
  throw new StatusError(Code.INVALID_ARGUMENT, 'the request cannot be decoded: its bytes are no message of its type', {
    reason: 'MALFORMED_REQUEST',
    cause: request.cause,
  });
}

function trailersOf({ trailers }: GrpcCallContext): Metadata | undefined {
  if (trailers === undefined) return undefined;
  const metadata = new Metadata();
  for (const [key, value] of trailers) metadata.set(key, value);
  return metadata;
}
