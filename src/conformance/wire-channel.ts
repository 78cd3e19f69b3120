import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { asBuffer } from '../schema/protos.ts';

/** What came back: bytes when the call was answered, else the code with what the trailer carries. */
export interface Reply {
  /** A number of google.rpc.Code; OK = 0. */
  readonly code: number;
  /** What the transport's own status said. */
  readonly message: string;
  /** Of an answer. */
  readonly bytes: Uint8Array;
  /** The encoded google.rpc.Status of a refusal; absent when the server sent none. */
  readonly status?: Uint8Array;
  /** How long it took, milliseconds. */
  readonly elapsedMs: number;
}

export interface WireOptions {
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the call; it is then answered CANCELLED. */
  readonly signal?: AbortSignal;
}

/**
 * Calls by bytes: what a case sends and sees is exactly what is on the wire, unknown fields, headers and trailers with it, which a
 * client made for people hides.
 */
export class WireChannel {
  readonly #client: Client;

  /** @param address  as core/address.ts formats it. */
  constructor(address: string, receiveSizeMaxBytes: number) {
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': receiveSizeMaxBytes,
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** @param path  `/package.Service/Rpc`. Never rejects: a refusal is an answer too. */
  call(path: string, request: Uint8Array, options: WireOptions): Promise<Reply> {
    const { timeoutMs, headers = {}, signal } = options;
    const startMs = performance.now();
    return new Promise((resolve) => {
      const call = this.#client.makeUnaryRequest(
        path,
        asBuffer,
        (bytes: Buffer) => bytes,
        asBuffer(request),
        metadataOf(headers),
        { deadline: Date.now() + timeoutMs },
        (error, bytes) => {
          signal?.removeEventListener('abort', cancel);
          const elapsedMs = performance.now() - startMs;
          const empty = new Uint8Array(0);
          if (error !== null) resolve({ ...refusalOf(error), bytes: empty, elapsedMs });
          else resolve({ code: 0, message: '', bytes: bytes ?? empty, elapsedMs });
        },
      );
      const cancel = (): void => {
        call.cancel();
      };
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted === true) cancel();
    });
  }

  close(): void {
    this.#client.close();
  }
}

function metadataOf(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

function refusalOf(error: ServiceError): Pick<Reply, 'code' | 'message' | 'status'> {
  // grpc-js types it as always there; errors of its own have none.
  const [status] = (error.metadata as ServiceError['metadata'] | undefined)?.get('grpc-status-details-bin') ?? [];
  return {
    code: error.code,
    message: error.details,
    ...(status instanceof Uint8Array ? { status } : {}),
  };
}
