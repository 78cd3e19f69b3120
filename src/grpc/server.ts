import { Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import { listenAt } from '../api/listen.ts';
import type { AnyMethod } from '../api/method.ts';
import { formatAddress, type Address } from '../core/address.ts';
import type { Logger } from '../core/logger.ts';
import { serviceNames } from '../schema/protos.ts';
import { completeErrors } from './error-info.ts';
import { Health, HEALTH_SERVICE } from './health.ts';
import type { GrpcLimits } from './limits.ts';
import { Reflection, REFLECTION_SERVICES } from './reflection.ts';
import { grpcService } from './service.ts';

export interface GrpcServerOptions {
  readonly methods: readonly AnyMethod[];
  readonly limits: GrpcLimits;
  readonly log: Logger;
}

/**
 * The Methods over gRPC, with grpc.health.v1 and server reflection.
 *
 * To drain: `setServing(false)` at once, release what is parked, then `close`. Calls are served until `close`, and those open then
 * are finished.
 */
export class GrpcServer {
  readonly #server: Server;
  readonly #health: Health;
  readonly #reflection: Reflection;
  /** As grpc-js names them, with real ports. */
  readonly #bound: string[] = [];

  constructor({ methods, limits, log }: GrpcServerOptions) {
    this.#server = new Server(serverOptions(limits));
    // All that are loaded, so that a call of one nobody serves here is UNIMPLEMENTED with ErrorInfo too.
    const loaded = serviceNames().filter((name) => !REFLECTION_SERVICES.includes(name));
    const served = [...new Set(methods.map((method) => method.service))];
    this.#health = new Health(served);
    this.#reflection = new Reflection({
      services: [...served, HEALTH_SERVICE, ...REFLECTION_SERVICES].sort(),
      limits: limits.reflection,
      log,
    });
    const services = [
      ...loaded.map((name) => grpcService(name, methods, log)),
      this.#health.service,
      ...this.#reflection.services,
    ];
    for (const { definition, implementation } of services) this.#server.addService(definition, implementation);
  }

  /**
   * Starts listening; may be called again for further addresses.
   *
   * @returns the address with its real port, such as `127.0.0.1:50051` or `unix:/run/longrunning.sock`.
   * @throws StatusError UNAVAILABLE (reason ADDRESS_UNAVAILABLE).
   */
  async listen(address: Address): Promise<string> {
    const port = await listenAt(address, () => this.#bind(formatAddress(address)));
    const bound = formatAddress('path' in address ? address : { host: address.host, port });
    this.#bound.push(bound);
    return bound;
  }

  /** What grpc.health.v1 answers from now on. */
  setServing(isServing: boolean): void {
    this.#health.setServing(isServing);
  }

  /**
   * Accepts no connection and no call any more, and lets open calls finish.
   *
   * @param graceMs  calls still open after this are cut off, milliseconds.
   * @returns whether all of them finished.
   */
  async close(graceMs: number): Promise<boolean> {
    this.#health.setServing(false);
    this.#health.close();
    this.#reflection.close();
    let isInTime = true;
    const timer = setTimeout(() => {
      isInTime = false;
    }, graceMs);
    // Sends GOAWAY now and cuts off later. forceShutdown would not: without channelz it knows no connection.
    for (const address of this.#bound) this.#server.drain(address, graceMs);
    await this.#finish();
    clearTimeout(timer);
    return isInTime;
  }

  #bind(address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  }

  /** Stops listening; resolves when the last connection has closed. */
  #finish(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.tryShutdown((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }
}

function serverOptions(limits: GrpcLimits): ServerOptions {
  return {
    'grpc.max_receive_message_length': limits.receiveSizeMaxBytes,
    'grpc.max_send_message_length': limits.sendSizeMaxBytes,
    'grpc.max_concurrent_streams': limits.streamCountMax,
    'grpc.keepalive_time_ms': limits.keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
    ...(limits.connectionAgeMaxMs === 0 ? {} : { 'grpc.max_connection_age_ms': limits.connectionAgeMaxMs }),
    'grpc.max_connection_age_grace_ms': limits.connectionAgeGraceMs,
    // It counts every call and message, for a service that we do not serve.
    'grpc.enable_channelz': 0,
    interceptors: [completeErrors()],
  };
}
