import type { MethodDefinition, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { MethodDefinition as LoadedMethod } from '@grpc/proto-loader';
import { serviceDomain } from '../api/service-domain.ts';
import type { AnyMethod } from '../api/method.ts';
import { Code } from '../core/code.ts';
import type { Logger } from '../core/logger.ts';
import { StatusError } from '../core/status-error.ts';
import { asBuffer, findService } from '../schema/protos.ts';
import { requestDecoder } from '../schema/single-text-request.ts';
import { grpcStatus } from './status-trailer.ts';
import { UndecodableRequest } from './call-ends.ts';
import { streamHandler } from './stream-handler.ts';
import { unaryHandler } from './unary-handler.ts';

type HandleCall = UntypedServiceImplementation[string];

export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/**
 * A loaded service as grpc-js takes it: its Methods, and for the RPCs that have none an UNIMPLEMENTED with ErrorInfo.
 *
 * @param methods  may hold those of other services too.
 */
export function grpcService(name: string, methods: readonly AnyMethod[], log: Logger): GrpcService {
  const rpcs = Object.entries(findService(name) ?? {}) as [rpc: string, LoadedMethod<unknown, unknown>][];
  const definition: Record<string, MethodDefinition<unknown, unknown>> = {};
  const implementation: Record<string, HandleCall> = {};
  for (const [rpc, loaded] of rpcs) {
    const method = methods.find((candidate) => candidate.service === name && candidate.rpc === rpc);
    definition[rpc] = lenient(loaded);
    implementation[rpc] = method === undefined ? unimplemented(name, rpc) : handlerOf(method, log);
  }
  return { definition, implementation };
}

function handlerOf(method: AnyMethod, log: Logger): HandleCall {
  return 'stream' in method ? streamHandler(method, log) : unaryHandler(method, log);
}

/**
 * The definition with two changes: a response that is bytes already is sent as it is, and a request that cannot be decoded reaches the
 * handler as UndecodableRequest, where grpc-js alone would answer INTERNAL without details.
 */
function lenient(loaded: LoadedMethod<unknown, unknown>): MethodDefinition<unknown, unknown> {
  const decode = requestDecoder(loaded);
  return {
    ...loaded,
    requestDeserialize: (bytes) => {
      try {
        return decode(bytes);
      } catch (cause) {
        return new UndecodableRequest(cause);
      }
    },
    responseSerialize: (response) =>
      response instanceof Uint8Array ? asBuffer(response) : loaded.responseSerialize(response),
  };
}

/** Answers every kind of call: grpc-js takes the error of a streaming response as an event, of others by the callback. */
function unimplemented(service: string, rpc: string): HandleCall {
  const error = new StatusError(Code.UNIMPLEMENTED, `${service}.${rpc} is not implemented`, {
    reason: 'METHOD_NOT_IMPLEMENTED',
    metadata: { service, rpc },
  });
  const status = grpcStatus(error, serviceDomain(service));
  return (call: { emit?: (event: string, value: unknown) => void }, respond?: (status: unknown) => void) => {
    if (respond === undefined) call.emit?.('error', status);
    else respond(status);
  };
}
