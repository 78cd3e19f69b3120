import type { ServerWritableStream } from '@grpc/grpc-js';

/** What a stream hands on before its connection has taken it, bytes. grpc-js itself counts messages, of any size, and takes sixteen. */
const UNTAKEN_BYTES_MAX = 16 * 1024;

/** The messages of one streaming call, sent as fast as the connection takes them. */
export class SentMessages {
  readonly #call: ServerWritableStream<unknown, unknown>;
  readonly #signal: AbortSignal;
  #untakenBytes = 0;
  #onTaken: (() => void) | undefined;

  /** @param signal  aborts when the caller has left. */
  constructor(call: ServerWritableStream<unknown, unknown>, signal: AbortSignal) {
    this.#call = call;
    this.#signal = signal;
  }

  /**
   * Sends a message.
   *
   * @returns what to wait for before the next one, which rejects with the signal's reason; undefined where that may follow at once.
   */
  send(message: object | Uint8Array): Promise<void> | undefined {
    // How large an object will be nobody knows yet.
    const size = message instanceof Uint8Array ? message.byteLength : UNTAKEN_BYTES_MAX;
    this.#untakenBytes += size;
    this.#call.write(message, () => {
      this.#untakenBytes -= size;
      if (this.#untakenBytes < UNTAKEN_BYTES_MAX) this.#onTaken?.();
    });
    return this.#untakenBytes < UNTAKEN_BYTES_MAX ? undefined : this.#untilTaken();
  }

  #untilTaken(): Promise<void> {
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason as Error);
      };
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      this.#onTaken = () => {
        signal.removeEventListener('abort', onAbort);
        this.#onTaken = undefined;
        resolve();
      };
    });
  }
}
