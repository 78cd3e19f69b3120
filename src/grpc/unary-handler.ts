import { Metadata, type handleUnaryCall, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { isFault, publicError } from '../api/errors.ts';
import type { Method } from '../api/method.ts';
import { Code, codeName } from '../core/code.ts';
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
    void serve(method, call, respond, log);
  };
}

async function serve(method: Method, call: Call, respond: Respond, log: Logger): Promise<void> {
  const startMs = performance.now();
  const context = new GrpcCallContext(call);
  let code: Code = Code.OK;
  try {
    const request = decoded(call.request);
    const response = await method.handle(request, context);
    context.close();
    respond(null, response, trailersOf(context));
  } catch (error) {
    context.close();
    code = refuse(error, method, call, { respond, log });
  }
  log.debug(
    { service: method.service, rpc: method.rpc, code: codeName(code), ms: performance.now() - startMs },
    'call',
  );
}

/** @returns the code that was sent. */
function refuse(
  error: unknown,
  method: Method,
  call: Call,
  { respond, log }: { readonly respond: Respond; readonly log: Logger },
): Code {
  const told = publicError(error);
  const { request } = call;
  const domain =
    request instanceof UndecodableRequest ? serviceDomain(method.service) : method.domain(request as never);
  if (isFault(told)) log.error({ error, service: method.service, rpc: method.rpc }, 'a call failed');
  respond(grpcStatus(told, domain));
  return told.code;
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
