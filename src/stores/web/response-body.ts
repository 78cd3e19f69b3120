import type { Dispatcher } from 'undici';
import type { StreamedBody } from './web-request.ts';

type Flow = Pick<Dispatcher.DispatchController, 'pause' | 'resume' | 'abort'>;

/**
 * The bytes of one response as they come, for one consumer, with a bounded read-ahead.
 *
 * Leaving the loop early destroys the socket: what is still to come would have to be read otherwise.
 */
export class ResponseBody implements StreamedBody {
  readonly #flow: Flow;
  readonly #readAheadSizeBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #heldSizeBytes = 0;
  #isPaused = false;
  #end: { readonly error?: unknown } | undefined;
  #waiting: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined;

  constructor(flow: Flow, readAheadSizeBytes: number) {
    this.#flow = flow;
    this.#readAheadSizeBytes = readAheadSizeBytes;
  }

  push(chunk: Uint8Array): void {
    if (this.#end !== undefined) return;
    if (this.#waiting !== undefined) {
      this.#waiting.resolve({ value: chunk, done: false });
      this.#waiting = undefined;
      return;
    }
    this.#chunks.push(chunk);
    this.#heldSizeBytes += chunk.length;
    if (this.#heldSizeBytes < this.#readAheadSizeBytes || this.#isPaused) return;
    this.#isPaused = true;
    this.#flow.pause();
  }

  /** No more bytes come: what is held is still handed out, and then the error is thrown, if there is one. */
  finish(end: { readonly error?: unknown } = {}): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    // Bytes before a failure are worth nothing to one who is told of it at once.
    if ('error' in end) this.#chunks.length = 0;
    if (this.#waiting === undefined) return;
    if ('error' in end) this.#waiting.reject(end.error);
    else this.#waiting.resolve({ value: undefined, done: true });
    this.#waiting = undefined;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#heldSizeBytes -= chunk.length;
      this.#goOn();
      return Promise.resolve({ value: chunk, done: false });
    }
    if (this.#end !== undefined) {
      return 'error' in this.#end ? Promise.reject(this.#end.error) : Promise.resolve({ value: undefined, done: true });
    }
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.discard();
    return Promise.resolve({ value: undefined, done: true });
  }

  /** Ends it here; the socket is destroyed unless the response has come whole. */
  discard(): void {
    if (this.#end === undefined) {
      this.finish();
      this.#flow.abort(new Error('the rest of the response is not wanted'));
    }
    this.#chunks.length = 0;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #goOn(): void {
    if (!this.#isPaused || this.#heldSizeBytes > this.#readAheadSizeBytes / 2) return;
    this.#isPaused = false;
    this.#flow.resume();
  }
}
