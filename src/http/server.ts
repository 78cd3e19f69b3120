import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { listenAt } from '../api/listen.ts';
import { formatAddress, type Address } from '../core/address.ts';
import type { Logger } from '../core/logger.ts';
import { JSON_TYPE } from './answer-form.ts';
import { framingRefusal } from './check-framing.ts';
import { answerClientError } from './client-error.ts';
import { errorBody } from './error-body.ts';
import { liveness, Readiness, type HealthAnswer } from './health.ts';
import { HttpRefusal } from './http-refusal.ts';
import type { HttpLimits } from './limits.ts';
import { createServer } from './node-http.ts';
import { keptDocument, OPENAPI_PATH } from './openapi/kept-document.ts';
import { ownMethods } from './own-paths.ts';
import { parseRequestTarget } from './request-target.ts';
import type { SentAnswer } from './send-answer.ts';
import type { Transcoder } from './transcoder.ts';
import { allowedMethods } from './unserved-path.ts';

export interface HttpServerOptions {
  /** Resolves when what every call needs answers: what /readyz says. */
  readonly check: () => Promise<void>;
  /** Names of loops that should turn and do not: what /livez says. Never waits. */
  readonly stalledLoops: () => readonly string[];
  readonly transcoder: Transcoder;
  readonly limits: HttpLimits;
  readonly log: Logger;
}

type OwnAnswer = Pick<SentAnswer, 'status' | 'body' | 'isShared'>;

/** The APIs as HTTP/JSON, their description, and /livez and /readyz for a supervisor's probes. */
export class HttpServer {
  readonly #server: Server;
  readonly #readiness: Readiness;
  readonly #stalledLoops: () => readonly string[];
  readonly #transcoder: Transcoder;
  readonly #openApi: () => Uint8Array;

  constructor({ check, stalledLoops, transcoder, limits, log }: HttpServerOptions) {
    this.#stalledLoops = stalledLoops;
    this.#transcoder = transcoder;
    this.#openApi = keptDocument(transcoder);
    this.#readiness = new Readiness({ check, checkTimeoutMs: limits.readyCheckTimeoutMs, log });
    this.#server = createServer(
      {
        maxHeaderSize: limits.headerSizeMaxBytes,
        headersTimeout: limits.headerTimeoutMs,
        // How often Node looks at it; its own 30 s would stretch it to that.
        connectionsCheckingInterval: limits.headerTimeoutMs,
        // Bodies have timeouts of their own, by what is to be done with them.
        requestTimeout: 0,
        keepAliveTimeout: limits.keepAliveTimeoutMs,
        insecureHTTPParser: false,
      },
      (request, response) => {
        this.#receive(request, response);
      },
    );
    this.#server.maxConnections = limits.connectionCountMax;
    // Node drops those beyond a number silently; their bytes are bounded.
    this.#server.maxHeadersCount = 0;
    this.#server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      this.#receive(request, response);
    });
    this.#server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      transcoder.serve(request, response, unknownExpectation());
    });
    this.#server.on('clientError', (error, socket) => {
      answerClientError(error, socket, transcoder.isAnswering(socket));
    });
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

  /**
   * Accepts no connection any more, lets open requests finish within `graceMs`, then cuts them off. Bodies have half of that to arrive: the rest is
   * for their senders to be told.
   */
  async close(graceMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#server.close(() => {
      resolve(undefined);
    });
    this.#server.closeIdleConnections();
    const refusing = setTimeout(() => {
      this.#transcoder.refuseBodies();
    }, graceMs / 2);
    const cuttingOff = setTimeout(() => {
      this.#server.closeAllConnections();
    }, graceMs);
    await promise;
    clearTimeout(refusing);
    clearTimeout(cuttingOff);
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

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const { path } = parseRequestTarget(request.url ?? '');
    const refusal = framingRefusal(request);
    const isOwn = ownMethods(path).length > 0 && request.method !== 'OPTIONS' && refusal === undefined;
    if (isOwn) void this.#serveOwn(path, request, response);
    else this.#transcoder.serve(request, response, refusal);
  }

  async #serveOwn(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.#ownAnswer(path, request.method);
    const headers = {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(answer.status === 405 ? { allow: allowedMethods(path, this.#transcoder) } : {}),
    };
    this.#transcoder.send(request, response, { ...answer, headers, contentType: JSON_TYPE });
  }

  async #ownAnswer(path: string, method: string | undefined): Promise<OwnAnswer> {
    if (method !== 'GET' && method !== 'HEAD') return textOf(methodNotAllowed());
    if (path === OPENAPI_PATH) return { status: 200, body: this.#openApi(), isShared: true };
    return textOf(path === '/livez' ? liveness(this.#stalledLoops()) : await this.#readiness.answer());
  }
}

function textOf({ status, body }: HealthAnswer): OwnAnswer {
  return { status, body: JSON.stringify(body) };
}

/** No google.rpc code has this HTTP status. */
function methodNotAllowed(): HealthAnswer {
  const error = new HttpRefusal(405, 'this path answers GET, HEAD and OPTIONS only', { reason: 'METHOD_NOT_ALLOWED' });
  return { status: 405, body: errorBody(error) };
}

function unknownExpectation(): HttpRefusal {
  return new HttpRefusal(417, 'Expect may only be 100-continue', { reason: 'EXPECTATION_NOT_SUPPORTED' });
}
