import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  credentials,
  makeClientConstructor,
  status as Code,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition, type ServiceDefinition } from '@grpc/proto-loader';

const require = createRequire(import.meta.url);

/** Loaded here once more, apart from what the sidecar loads: what it sends is read by another reader. */
const DEFINITIONS = loadSync(
  [
    'google/longrunning/operations.proto',
    'google/storagetransfer/v1/transfer.proto',
    'google/rpc/status.proto',
    'google/rpc/error_details.proto',
    'longrunning/control/v1/operation_control.proto',
    join(dirname(require.resolve('grpc-health-check/package.json')), 'proto/health/v1/health.proto'),
  ],
  {
    includeDirs: [
      dirname(require.resolve('google-proto-files/package.json')),
      fileURLToPath(new URL('../../../protos', import.meta.url)),
    ],
    defaults: true,
    longs: Number,
    enums: String,
    oneofs: true,
  },
);

const SERVICES = {
  Operations: 'google.longrunning.Operations',
  StorageTransferService: 'google.storagetransfer.v1.StorageTransferService',
  Health: 'grpc.health.v1.Health',
  OperationControl: 'longrunning.control.v1.OperationControl',
} as const;

/** `Service/Method`, such as `Operations/GetOperation`. */
export type Rpc = `${keyof typeof SERVICES}/${string}`;
export type Message = Readonly<Record<string, unknown>>;

/** How a call was refused: the code, and the ErrorInfo that came with it. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How long an answer is waited for unless a call says, milliseconds: a bound on what hangs, not on what is slow. */
const DEADLINE_MS = 120_000;

/** A client without habits: it sends what it is given and never tries twice. */
export class RawClient {
  readonly #client: InstanceType<ReturnType<typeof makeClientConstructor>>;

  /** @param address  as grpc-js takes it: `HOST:PORT` or `unix:PATH`. */
  constructor(address: string) {
    const Client = makeClientConstructor({}, 'raw');
    const size = { 'grpc.max_send_message_length': -1, 'grpc.use_local_subchannel_pool': 1 };
    this.#client = new Client(address, credentials.createInsecure(), size);
  }

  /** @throws ServiceError of grpc-js. */
  call(rpc: Rpc, request: Message, options: { readonly deadlineMs?: number } = {}): Promise<Message> {
    const { responseDeserialize } = definitionOf(rpc);
    return this.bytes(rpc, request, options).then((bytes) => responseDeserialize(bytes) as Message);
  }

  /** The reply as it came. */
  bytes(
    rpc: Rpc,
    request: Message,
    { deadlineMs = DEADLINE_MS }: { readonly deadlineMs?: number } = {},
  ): Promise<Buffer> {
    const { path, requestSerialize } = definitionOf(rpc);
    const deadline = Date.now() + deadlineMs;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, requestSerialize, asIs, request, { deadline }, (error, reply) => {
        if (error === null) resolve(reply ?? Buffer.alloc(0));
        else reject(error);
      });
    });
  }

  /** How the call is refused. @throws Error when it is accepted, or comes without the ErrorInfo every error carries. */
  async refusal(rpc: Rpc, request: Message, options: { readonly deadlineMs?: number } = {}): Promise<Refusal> {
    const outcome = await this.call(rpc, request, options).then(
      (message) => new Error(`${rpc} was accepted: ${JSON.stringify(message)}`),
      (error: unknown) => error as ServiceError,
    );
    if (!('metadata' in outcome)) throw outcome;
    return refusalOf(outcome);
  }

  close(): void {
    this.#client.close();
  }
}

/** Makes calls until they are done with, or the server has died: what was under way then was not acknowledged. */
export async function untilGone(calls: () => Promise<void>): Promise<void> {
  try {
    await calls();
  } catch (error) {
    const { code } = error as { readonly code?: number };
    if (code !== Code.UNAVAILABLE && code !== Code.CANCELLED) throw error;
  }
}

/** The ErrorInfo of an error that a client received. */
export function refusalOf({ code, details, metadata }: ServiceError): Refusal {
  const [status] = metadata.get('grpc-status-details-bin');
  if (!(status instanceof Buffer)) throw new Error(`without details: ${details}`);
  const { details: anys } = decode('google.rpc.Status', status) as { readonly details: readonly WireAny[] };
  return { code, message: details, ...errorInfoOf(anys) };
}

interface WireAny {
  readonly type_url: string;
  readonly value: Buffer;
}

/** The ErrorInfo among the details of a google.rpc.Status. */
export function errorInfoOf(details: readonly { readonly type_url?: string | null; readonly value?: unknown }[]) {
  const info = details.find((any) => any.type_url === 'type.googleapis.com/google.rpc.ErrorInfo');
  if (info === undefined) throw new Error('an error without ErrorInfo');
  const { reason, domain, metadata } = decode('google.rpc.ErrorInfo', info.value as Buffer) as Omit<
    Refusal,
    'code' | 'message'
  >;
  return { reason, domain, metadata };
}

function decode(name: string, bytes: Buffer): unknown {
  return (DEFINITIONS[name] as MessageTypeDefinition<object, object>).deserialize(bytes);
}

function definitionOf(rpc: Rpc): MethodDefinition<unknown, unknown> {
  const [service, method] = rpc.split('/') as [keyof typeof SERVICES, string];
  const definition = (DEFINITIONS[SERVICES[service]] as ServiceDefinition)[method];
  if (definition === undefined) throw new Error(`there is no ${rpc}`);
  return definition as MethodDefinition<unknown, unknown>;
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
