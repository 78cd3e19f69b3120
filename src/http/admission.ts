import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { ByteBudget } from './byte-budget.ts';

export interface AdmissionLimits {
  readonly requestCountMax: number;
  readonly pipelineCountMax: number;
  readonly overloadRetryDelayMs: number;
}

/** Counts the requests that are not answered yet, overall and on each connection, and says which are too many. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #bytes: ByteBudget;
  readonly #bySocket = new WeakMap<Duplex, Set<ServerResponse>>();
  #count = 0;

  constructor(limits: AdmissionLimits, bytes: ByteBudget) {
    this.#limits = limits;
    this.#bytes = bytes;
  }

  /**
   * Counts a request until its answer has left, or its connection is gone.
   *
   * @returns what refuses it, if anything does; it counts all the same.
   */
  enter({ socket }: IncomingMessage, response: ServerResponse): StatusError | undefined {
    const open = this.#openOf(socket);
    open.add(response);
    this.#count += 1;
    response.once('close', () => {
      if (open.delete(response)) this.#count -= 1;
    });
    if (open.size > this.#limits.pipelineCountMax) return this.#tooMany('on this connection', open.size);
    if (this.#count > this.#limits.requestCountMax) return this.#tooMany('at once', this.#count);
    return this.#bytes.isFull ? this.#tooMany('with large bodies or answers at once') : undefined;
  }

  /** The answers that a connection still waits for, in their order. */
  openOf(socket: Duplex): ReadonlySet<ServerResponse> {
    return this.#bySocket.get(socket) ?? new Set();
  }

  #openOf(socket: Duplex): Set<ServerResponse> {
    const known = this.#bySocket.get(socket);
    if (known !== undefined) return known;
    const open = new Set<ServerResponse>();
    this.#bySocket.set(socket, open);
    // Node tells only the answer whose turn it is that its connection is gone: what waits behind it would keep what it holds.
    socket.once('close', () => {
      for (const response of open) if (response.socket === null) close(response);
    });
    return open;
  }

  #tooMany(where: string, count?: number): StatusError {
    return new StatusError(Code.UNAVAILABLE, `there are too many requests ${where}; try again later`, {
      reason: 'TOO_MANY_REQUESTS',
      ...(count === undefined ? {} : { metadata: { requestCount: String(count) } }),
      retryDelayMs: this.#limits.overloadRetryDelayMs,
    });
  }
}

function close(response: ServerResponse): void {
  response.destroy();
  response.emit('close');
}
