import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { service as definition } from 'grpc-health-check';
import { Code } from '../core/code.ts';
import { DEFAULT_DOMAIN, StatusError } from '../core/status-error.ts';
import type { GrpcService } from './service.ts';
import { grpcStatus } from './status-trailer.ts';

export const HEALTH_SERVICE = 'grpc.health.v1.Health';

interface CheckRequest {
  readonly service: string;
}

interface CheckResponse {
  readonly status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
}

type Watcher = ServerWritableStream<CheckRequest, CheckResponse>;

/**
 * grpc.health.v1 for the server as a whole (the empty name) and for each of its services, all in the same state.
 *
 * Of grpc-health-check only the definition is used: its implementation leaves watchers open, and they would hold a shutdown back.
 */
export class Health {
  readonly #services: ReadonlySet<string>;
  readonly #watchers = new Set<Watcher>();
  #isServing = true;

  constructor(services: readonly string[]) {
    this.#services = new Set(['', ...services]);
  }

  /** Answers from now on, and tells those who watch. */
  setServing(isServing: boolean): void {
    if (isServing === this.#isServing) return;
    this.#isServing = isServing;
    for (const watcher of this.#watchers) watcher.write(this.#answer(watcher.request.service));
  }

  /** Ends the calls of those who watch. */
  close(): void {
    for (const watcher of this.#watchers) watcher.end();
    this.#watchers.clear();
  }

  /** As grpc-js takes it. */
  get service(): GrpcService {
    return {
      definition,
      implementation: {
        check: (call: ServerUnaryCall<CheckRequest, CheckResponse>, respond: sendUnaryData<CheckResponse>) => {
          this.#check(call.request.service, respond);
        },
        list: (_call: unknown, respond: sendUnaryData<{ statuses: Record<string, CheckResponse> }>) => {
          const statuses = [...this.#services].map((service) => [service, this.#answer(service)] as const);
          respond(null, { statuses: Object.fromEntries(statuses) });
        },
        watch: (call: Watcher) => {
          this.#watch(call);
        },
      },
    };
  }

  #answer(service: string): CheckResponse {
    // health.proto, Watch: "If the requested service is unknown when the call is received, the server will send a message setting
    // the serving status to SERVICE_UNKNOWN".
    if (!this.#services.has(service)) return { status: 'SERVICE_UNKNOWN' };
    return { status: this.#isServing ? 'SERVING' : 'NOT_SERVING' };
  }

  #check(service: string, respond: sendUnaryData<CheckResponse>): void {
    if (this.#services.has(service)) {
      respond(null, this.#answer(service));
      return;
    }
    const error = new StatusError(Code.NOT_FOUND, `${service} is not a service of this server`, {
      reason: 'SERVICE_UNKNOWN',
      metadata: { service },
    });
    respond(grpcStatus(error, DEFAULT_DOMAIN));
  }

  #watch(call: Watcher): void {
    this.#watchers.add(call);
    call.on('cancelled', () => this.#watchers.delete(call));
    call.write(this.#answer(call.request.service));
  }
}
