import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that sends exactly what it is told: for what no client would send. */
export class RawHttp {
  readonly #socket: Socket;
  #text = '';

  constructor(address: string) {
    const [host, port] = address.split(':');
    this.#socket = connect(Number(port), host);
    this.#socket.on('data', (data) => (this.#text += data.toString()));
    // A reset is an end too: what came before it counts.
    this.#socket.on('error', () => {});
  }

  /** What has come so far. */
  get text(): string {
    return this.#text;
  }

  /** Whether the server has closed its side. */
  get isClosed(): boolean {
    return this.#socket.readableEnded || this.#socket.closed;
  }

  send(text: string): this {
    this.#socket.write(text);
    return this;
  }

  /** Stops taking what comes, as a reader does that is slow. */
  pause(): this {
    this.#socket.pause();
    return this;
  }

  /** All that came until the server closed. */
  async untilClosed(): Promise<string> {
    if (!this.#socket.closed) await once(this.#socket, 'close');
    return this.#text;
  }

  /** Resolves when what came matches. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) await once(this.#socket, 'data');
    return this.#text;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** The whole conversation of a request after which the server closes. */
export async function conversation(address: string, text: string): Promise<string> {
  return new RawHttp(address).send(text).untilClosed();
}
