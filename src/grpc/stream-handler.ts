import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import type { StreamMethod } from '../api/method.ts';
import type { Logger } from '../core/logger.ts';
import { GrpcCallContext } from './call-context.ts';
import { decodedRequest, refusalOf, trailersOf } from './call-ends.ts';
import { SentMessages } from './sent-messages.ts';

type Call = ServerWritableStream<unknown, unknown>;

/**
 * Serves a StreamMethod over grpc-js: a message is asked for when the one before it was taken by the connection, so that a slow
 * reader slows its stream and fills no buffer here. Errors as with unaryHandler.
 */
export function streamHandler(method: StreamMethod, log: Logger): handleServerStreamingCall<unknown, unknown> {
  return (call) => {
    void serve(method, call, log);
  };
}

async function serve(method: StreamMethod, call: Call, log: Logger): Promise<void> {
  const context = new GrpcCallContext(call);
  // Before the first message: a caller that leaves must end the wait for it.
  const { signal } = context;
  const sent = new SentMessages(call, signal);
  try {
    for await (const message of method.stream(decodedRequest(call.request), context)) {
      const untilTaken = sent.send(message);
      if (untilTaken !== undefined) await untilTaken;
    }
    call.end(trailersOf(context));
  } catch (error) {
    // To a caller that has left nothing can be told.
    if (!signal.aborted) call.emit('error', refusalOf(error, method, call.request, log));
  } finally {
    context.close();
  }
}
