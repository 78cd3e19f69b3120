import { status as GrpcCode, type Metadata, type ServerInterceptor } from '@grpc/grpc-js';
import { serviceDomain } from '../api/service-domain.ts';
import { errorOfGrpc, grpcStatus, STATUS_DETAILS } from './status-trailer.ts';

type InterceptingCall = Parameters<ServerInterceptor>[1];
type SendStatus = InterceptingCall['sendStatus'];

/**
 * Gives the statuses that grpc-js makes by itself (a message too large, an encoding it does not know, a deadline that passed) their
 * ErrorInfo; those of our handlers have it.
 *
 * grpc-js sends them by its own call object's `sendStatus`, past every interceptor around it, so that method is replaced on the call
 * itself, by one function per RPC: that costs a call one property, where an interceptor in its usual form costs it an object.
 */
export function completeErrors(): ServerInterceptor {
  const byPath = new Map<string, SendStatus>();
  const complete = (method: { readonly path: string }, call: InterceptingCall): InterceptingCall => {
    let sendStatus = byPath.get(method.path);
    if (sendStatus === undefined) {
      sendStatus = completing(method.path);
      byPath.set(method.path, sendStatus);
    }
    call.sendStatus = sendStatus;
    return call;
  };
  // The type asks for grpc-js' class of wrapped calls; what it uses is the interface.
  return complete as unknown as ServerInterceptor;
}

function completing(path: string): SendStatus {
  const domain = serviceDomain(path.slice(1).split('/', 1)[0] ?? '');
  return function (this: InterceptingCall, status) {
    const { details, metadata } = status as { readonly details?: string; readonly metadata?: Metadata | null };
    const isComplete = status.code === GrpcCode.OK || (metadata?.get(STATUS_DETAILS).length ?? 0) > 0;
    const complete = isComplete ? status : grpcStatus(errorOfGrpc(status.code, details ?? ''), domain);
    (Object.getPrototypeOf(this) as InterceptingCall).sendStatus.call(this, complete);
  };
}
