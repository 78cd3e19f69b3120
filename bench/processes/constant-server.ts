/** GetOperation answered from a constant: grpc-js at its fastest, with the options that the sidecar gives it. */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { DEFAULT_GRPC_LIMITS } from '../../src/grpc/limits.ts';
import { findService } from '../../src/schema/protos.ts';
import { serveCalls } from './serve-calls.ts';

/**
 * @param decodes  whether the request is decoded to a message, as every handler that cares which operation is meant must do.
 */
async function listen({
  answer,
  decodes,
}: {
  readonly answer: Uint8Array;
  readonly decodes: boolean;
}): Promise<string> {
  const get = findService('google.longrunning.Operations')?.['GetOperation'];
  if (get === undefined) throw new Error('GetOperation is not loaded');
  const server = new Server({
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': DEFAULT_GRPC_LIMITS.receiveSizeMaxBytes,
    'grpc.max_send_message_length': DEFAULT_GRPC_LIMITS.sendSizeMaxBytes,
    'grpc.max_concurrent_streams': DEFAULT_GRPC_LIMITS.streamCountMax,
  });
  const bytes = Buffer.from(answer);
  const asIs = (message: Buffer): Buffer => message;
  server.register(
    get.path,
    (_call: unknown, respond: (error: null, answer: Buffer) => void) => {
      respond(null, bytes);
    },
    asIs,
    decodes ? get.requestDeserialize : asIs,
    'unary',
  );
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(`127.0.0.1:${String(port)}`);
      else reject(error);
    });
  });
}

const calls = { listen };
export type ConstantServer = typeof calls;
serveCalls(calls);
