import { BlockConnection } from './block-connection.ts';
import { guardedConnect, type ConnectOptions } from './guarded-connect.ts';
import type { WebLimits } from './limits.ts';

/** The connections to one origin that read into blocks: those in use, and those that wait for the next request. */
export class BlockConnections {
  readonly #origin: URL;
  readonly #limits: WebLimits;
  readonly #connect: ConnectOptions;
  readonly #idle: BlockConnection[] = [];
  readonly #all = new Set<BlockConnection>();

  constructor(origin: string, limits: WebLimits, connect: ConnectOptions) {
    this.#origin = new URL(origin);
    this.#limits = limits;
    this.#connect = connect;
  }

  /** Whether one can be had without waiting for another request. */
  get hasRoom(): boolean {
    return this.#idle.length > 0 || this.#all.size < this.#limits.connectionsPerOriginMax;
  }

  /** One of its own, until release(). @throws what connecting fails with; `signal.reason` after an abort. */
  async acquire(signal: AbortSignal): Promise<BlockConnection> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const connection = new BlockConnection(this.#limits, () => {
      this.#forget(connection);
    });
    this.#all.add(connection);
    try {
      await this.#open(connection, signal);
      return connection;
    } catch (error) {
      this.#forget(connection);
      throw error;
    }
  }

  /** It is kept for the next request where that can be. */
  release(connection: BlockConnection): void {
    if (connection.isReusable) {
      connection.rest();
      this.#idle.push(connection);
    } else {
      this.#forget(connection);
      connection.destroy(new Error('the rest of the response is not wanted'));
    }
  }

  close(): void {
    for (const connection of this.#all) connection.destroy(new Error('the client was closed'));
    this.#all.clear();
    this.#idle.length = 0;
  }

  #forget(connection: BlockConnection): void {
    this.#all.delete(connection);
    const place = this.#idle.indexOf(connection);
    if (place !== -1) this.#idle.splice(place, 1);
  }

  #open(connection: BlockConnection, signal: AbortSignal): Promise<void> {
    const { protocol, host, hostname, port } = this.#origin;
    const connect = guardedConnect({ ...this.#connect, reader: connection.reader });
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      connect({ protocol, host, hostname, port }, (error, socket) => {
        signal.removeEventListener('abort', onAbort);
        if (error !== null) {
          reject(error);
          return;
        }
        connection.attach(socket);
        // Nobody waits for it any more.
        if (signal.aborted || !this.#all.has(connection)) connection.destroy(new Error('the request was given up'));
        resolve();
      });
    });
  }
}
