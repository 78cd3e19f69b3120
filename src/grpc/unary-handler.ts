import type { handleUnaryCall } from '@grpc/grpc-js';
import type { Method } from '../api/method.ts';
import type { Logger } from '../core/logger.ts';
import { GrpcCallContext } from './call-context.ts';
import { decodedRequest, refusalOf, trailersOf } from './call-ends.ts';

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
      respond(refusalOf(error, method, call.request, log));
    };
    try {
      const response = method.handle(decodedRequest(call.request), context);
      if (response instanceof Uint8Array) answer(response);
      else void response.then(answer).catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}
