import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { MethodDefinition, ServerDuplexStream } from '@grpc/grpc-js';
import { isFault, publicError } from '../api/errors.ts';
import { Code } from '../core/code.ts';
import type { Logger } from '../core/logger.ts';
import { DEFAULT_DOMAIN, StatusError } from '../core/status-error.ts';
import type { DescriptorSet } from '../schema/descriptor-set.ts';
import { loadDescriptors } from '../schema/descriptors.ts';
import { findService } from '../schema/protos.ts';
import type { ReflectionLimits } from './limits.ts';
import { ReflectionSession, type ReflectionRequest } from './reflection-session.ts';
import type { GrpcService } from './service.ts';
import { grpcStatus } from './status-trailer.ts';

/** Tools try v1 first, or know v1alpha only. */
export const REFLECTION_SERVICES: readonly string[] = [
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];

/** A decoded request, or why its bytes are not taken. */
type Received = ReflectionRequest | StatusError;
type ReflectionCall = ServerDuplexStream<Received, object>;

export interface ReflectionOptions {
  /** The full names of the services that are told of. */
  readonly services: readonly string[];
  readonly limits: ReflectionLimits;
  readonly log: Logger;
}

/**
 * Server reflection for clients without .proto files, such as grpcurl and buf curl.
 *
 * The descriptors are made at the first request and then kept. @grpc/reflection is not used: it serves what protobufjs makes of
 * a loaded root, where the files of a package are one and imports and custom options are lost.
 */
export class Reflection {
  readonly #options: ReflectionOptions;
  readonly #calls = new Set<ReflectionCall>();
  #descriptors: Promise<DescriptorSet> | undefined;

  constructor(options: ReflectionOptions) {
    this.#options = options;
  }

  /** As grpc-js takes them, one a version. */
  get services(): readonly GrpcService[] {
    return REFLECTION_SERVICES.map((name) => {
      const loaded = findService(name)?.['ServerReflectionInfo'];
      if (loaded === undefined) throw new Error(`${name} is not among the loaded protos`);
      return {
        definition: { ServerReflectionInfo: this.#bounded(loaded) },
        implementation: {
          ServerReflectionInfo: (call: ReflectionCall) => {
            this.#open(call);
          },
        },
      };
    });
  }

  /** Ends the calls that are open: a client may keep one for as long as it runs, and would hold a shutdown back. */
  close(): void {
    const error = new StatusError(Code.UNAVAILABLE, 'the server is shutting down; ask again elsewhere', {
      reason: 'SERVER_SHUTTING_DOWN',
    });
    for (const call of this.#calls) this.#refuse(call, error);
  }

  /** With requests that are too large, or no message of the type, as errors in their place. */
  #bounded(loaded: MethodDefinition<object, object>): MethodDefinition<object, object> {
    const { requestSizeMaxBytes } = this.#options.limits;
    return {
      ...loaded,
      requestDeserialize: (bytes) => {
        if (bytes.length > requestSizeMaxBytes) return tooMuch('requestSizeMaxBytes', requestSizeMaxBytes);
        try {
          return loaded.requestDeserialize(bytes);
        } catch (cause) {
          return new StatusError(Code.INVALID_ARGUMENT, 'the request cannot be decoded', {
            reason: 'MALFORMED_REQUEST',
            cause,
          });
        }
      },
    };
  }

  #open(call: ReflectionCall): void {
    const { streamCountMax } = this.#options.limits;
    const isFull = this.#calls.size >= streamCountMax;
    this.#calls.add(call);
    call.once('cancelled', () => this.#calls.delete(call));
    if (isFull) this.#refuse(call, tooMuch('streamCountMax', streamCountMax));
    else {
      void this.#serve(call).catch((error: unknown) => {
        this.#refuse(call, error);
      });
    }
  }

  /** One request at a time, and none while its client does not read. */
  async #serve(call: ReflectionCall): Promise<void> {
    const { services, limits } = this.#options;
    let requestCount = 0;
    let session: ReflectionSession | undefined;
    for await (const request of call.iterator({ destroyOnReturn: false }) as AsyncIterable<Received>) {
      if (request instanceof StatusError) throw request;
      requestCount += 1;
      if (requestCount > limits.requestCountMax) throw tooMuch('requestCountMax', limits.requestCountMax);
      session ??= new ReflectionSession({ descriptors: await this.#load(), services });
      // Gone, or refused, meanwhile.
      if (!this.#calls.has(call)) return;
      if (!call.write(session.answer(request))) await once(call, 'drain');
    }
    if (this.#calls.delete(call)) call.end();
  }

  /** Ends a call with an error, unless it has ended. */
  #refuse(call: ReflectionCall, error: unknown): void {
    if (!this.#calls.delete(call)) return;
    const told = publicError(error);
    if (isFault(told)) this.#options.log.error({ error }, 'reflection failed');
    call.emit('error', grpcStatus(told, DEFAULT_DOMAIN));
  }

  #load(): Promise<DescriptorSet> {
    this.#descriptors ??= this.#loadAnew();
    return this.#descriptors;
  }

  async #loadAnew(): Promise<DescriptorSet> {
    const startMs = performance.now();
    const health = createRequire(import.meta.url).resolve('grpc-health-check/proto/health/v1/health.proto');
    try {
      const descriptors = await loadDescriptors([{ name: 'grpc/health/v1/health.proto', path: health }]);
      this.#options.log.debug({ ms: performance.now() - startMs }, 'descriptors are made for reflection');
      return descriptors;
    } catch (error) {
      this.#descriptors = undefined;
      throw error;
    }
  }
}

function tooMuch(bound: string, max: number): StatusError {
  return new StatusError(Code.RESOURCE_EXHAUSTED, `reflection is bounded by ${bound}, which is ${String(max)}`, {
    reason: 'REFLECTION_LIMIT',
    metadata: { bound, max: String(max) },
  });
}
