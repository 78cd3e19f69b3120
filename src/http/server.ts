import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenAt } from '../api/listen.ts';
import { formatAddress, type Address } from '../core/address.ts';
import { Code } from '../core/code.ts';
import type { Logger } from '../core/logger.ts';
import { StatusError } from '../core/status-error.ts';
import { errorBody } from './error-body.ts';
import { liveness, Readiness, type HealthAnswer } from './health.ts';
import type { HttpLimits } from './limits.ts';

export interface HttpServerOptions {
  /** Resolves when what every call needs answers: what /readyz says. */
  readonly check: () => Promise<void>;
  /** Names of loops that should turn and do not: what /livez says. Never waits. */
  readonly stalledLoops: () => readonly string[];
  readonly limits: HttpLimits;
  readonly log: Logger;
}

/** /livez and /readyz, for a supervisor's probes. */
export class HttpServer {
  readonly #server: Server;
  readonly #readiness: Readiness;
  readonly #stalledLoops: () => readonly string[];

  constructor({ check, stalledLoops, limits, log }: HttpServerOptions) {
    this.#stalledLoops = stalledLoops;
    this.#readiness = new Readiness({ check, checkTimeoutMs: limits.readyCheckTimeoutMs, log });
    this.#server = createServer(
      {
        maxHeaderSize: limits.headerSizeMaxBytes,
        headersTimeout: limits.headerTimeoutMs,
        // How often Node looks at the two timeouts; its own 30 s would stretch them to that.
        connectionsCheckingInterval: limits.headerTimeoutMs,
        requestTimeout: limits.requestTimeoutMs,
        keepAliveTimeout: limits.keepAliveTimeoutMs,
      },
      (request, response) => {
        void this.#serve(request, response);
      },
    );
    this.#server.maxConnections = limits.connectionCountMax;
  }

  /**
   * Starts listening.
   *
   * @returns the address with its real port.
   * @throws StatusError UNAVAILABLE (reason ADDRESS_UNAVAILABLE).
   */
  async listen(address: Address): Promise<string> {
    await listenAt(address, () => this.#bind(address));
    const bound = this.#server.address();
    const isPort = 'host' in address && typeof bound === 'object' && bound !== null;
    return formatAddress(isPort ? { host: address.host, port: bound.port } : address);
  }

  /** /readyz is 503 from now on. */
  drain(): void {
    this.#readiness.drain();
  }

  /** Accepts no connection any more, lets open requests finish within `graceMs`, then cuts them off. */
  async close(graceMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#server.close(() => {
      resolve(undefined);
    });
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => {
      this.#server.closeAllConnections();
    }, graceMs);
    await promise;
    clearTimeout(timer);
  }

  #bind(address: Address): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(address, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#answer(request);
    const json = Buffer.from(JSON.stringify(body));
    response.writeHead(status, {
      'content-type': 'application/json; charset=UTF-8',
      'content-length': json.length,
      'cache-control': 'no-store',
      ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    });
    response.end(json);
    // No path here takes a body; what comes is not kept.
    request.resume();
  }

  async #answer(request: IncomingMessage): Promise<HealthAnswer> {
    const path = request.url?.split('?', 1)[0];
    if (path !== '/livez' && path !== '/readyz') return notFound();
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed();
    return path === '/livez' ? liveness(this.#stalledLoops()) : this.#readiness.answer();
  }
}

function notFound(): HealthAnswer {
  const error = new StatusError(Code.NOT_FOUND, 'there is nothing at this path', { reason: 'PATH_NOT_FOUND' });
  return { status: 404, body: errorBody(error) };
}

/** No google.rpc code has this HTTP status. */
function methodNotAllowed(): HealthAnswer {
  const error = new StatusError(Code.UNIMPLEMENTED, 'this path answers GET and HEAD only', {
    reason: 'METHOD_NOT_ALLOWED',
  });
  return { status: 405, body: errorBody(error, 405) };
}
