import {
  Metadata,
  Server,
  ServerCredentials,
  status as grpcCode,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { codeName } from '../../src/core/code.ts';
import { WireChannel, type Reply } from '../../src/conformance/wire-channel.ts';
import { asBuffer, decodeMessage, findService } from '../../src/schema/protos.ts';

const SERVICES = [
  'google.longrunning.Operations',
  'google.storagetransfer.v1.StorageTransferService',
  'longrunning.control.v1.OperationControl',
];

const RECEIVE_SIZE_MAX_BYTES = 64 * 1024 * 1024;
/** Of a call whose caller set no deadline. */
const TIMEOUT_MS = 60_000;

/** A call on its way through the proxy. */
export interface ProxiedCall {
  /** Such as `GetOperation`. */
  readonly rpc: string;
  readonly request: Uint8Array;
  /** The request, decoded; empty where it cannot be. */
  readonly message: Readonly<Record<string, unknown>>;
  header(name: string): string | undefined;
  /** What the real server answers to this request, or to another one. */
  forward(request?: Uint8Array): Promise<Reply>;
  /** The same request to another RPC of the real server, `/package.Service/Rpc`. */
  divert(path: string): Promise<Reply>;
}

/** What a wrong server does otherwise; undefined = as the real one. */
export type Fault = (call: ProxiedCall) => Promise<Reply | undefined>;

/** A server that is right in everything but one fault: the real one stands behind it. */
export class FaultyProxy {
  readonly #server = new Server();
  readonly #channel: WireChannel;
  readonly #fault: Fault;
  address = '';

  private constructor(behind: string, fault: Fault) {
    this.#channel = new WireChannel(behind, RECEIVE_SIZE_MAX_BYTES);
    this.#fault = fault;
  }

  /** @param behind  the address of the real server. */
  static async start(behind: string, fault: Fault): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(behind, fault);
    for (const service of SERVICES) proxy.#register(service);
    const port = await new Promise<number>((resolve, reject) => {
      proxy.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    proxy.address = `127.0.0.1:${String(port)}`;
    return proxy;
  }

  close(): void {
    this.#server.forceShutdown();
    this.#channel.close();
  }

  #register(service: string): void {
    for (const { path, requestStream, responseStream, requestType } of Object.values(findService(service) ?? {})) {
      if (requestStream || responseStream) continue;
      const type = messageNameOf(service, path, requestType as { readonly type: { readonly name: string } });
      const handle = (call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>): void => {
        void this.#answer(path, type, call).then((reply) => send(reply, respond));
      };
      this.#server.register(path, handle, asBuffer, (bytes: Buffer) => bytes, 'unary');
    }
  }

  async #answer(path: string, type: string, call: ServerUnaryCall<Buffer, Buffer>): Promise<Reply> {
    const left = new AbortController();
    call.once('cancelled', () => left.abort());
    const deadline = call.getDeadline();
    const endMs = deadline instanceof Date ? deadline.getTime() : deadline;
    const ask = (to: string, request: Uint8Array): Promise<Reply> => {
      const timeoutMs = Number.isFinite(endMs) ? endMs - Date.now() : TIMEOUT_MS;
      return this.#channel.call(to, request, { timeoutMs, signal: left.signal });
    };
    const forward = (request: Uint8Array = call.request): Promise<Reply> => ask(path, request);
    const proxied: ProxiedCall = {
      rpc: path.slice(path.lastIndexOf('/') + 1),
      request: call.request,
      message: decoded(type, call.request),
      header: (name) => call.metadata.get(name)[0]?.toString(),
      forward,
      divert: (to) => ask(to, call.request),
    };
    return (await this.#fault(proxied)) ?? forward();
  }
}

function messageNameOf(service: string, path: string, { type }: { readonly type: { readonly name: string } }): string {
  // Every request here is of its service's own package.
  return path.endsWith(type.name) ? type.name : `${service.slice(0, service.lastIndexOf('.'))}.${type.name}`;
}

function decoded(type: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return decodeMessage(type, bytes);
  } catch {
    return {};
  }
}

function send({ code, message, bytes, status }: Reply, respond: sendUnaryData<Buffer>): void {
  if (code === grpcCode.OK.valueOf()) {
    respond(null, asBuffer(bytes));
    return;
  }
  const metadata = new Metadata();
  if (status !== undefined) metadata.set('grpc-status-details-bin', asBuffer(status));
  respond({ code: grpcCode[codeName(code) as keyof typeof grpcCode], details: message, metadata });
}
