import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { WebLimits } from './limits.ts';
import { ResponseBody } from './response-body.ts';
import { connectionFailure } from './web-failure.ts';
import type { StreamedResponse, WebRequest } from './web-request.ts';

/**
 * One request on its way: undici tells it what happens, and it settles `promise` once.
 *
 * An abort of the request's signal settles at once with its reason, and destroys the socket.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly promise: Promise<StreamedResponse>;
  readonly #request: WebRequest;
  readonly #limits: WebLimits;
  readonly #isStreamed: boolean;
  readonly #settle: PromiseWithResolvers<StreamedResponse>;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #body: ResponseBody | undefined;
  #bodyError: { readonly error: unknown } | undefined;

  /** @param isStreamed  a good answer's body is handed out as it comes, instead of being collected. */
  constructor(request: WebRequest, limits: WebLimits, isStreamed: boolean) {
    this.#request = request;
    this.#limits = limits;
    this.#isStreamed = isStreamed;
    this.#settle = Promise.withResolvers();
    this.promise = this.#settle.promise;
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#request.signal.aborted) controller.abort(this.#request.signal.reason as Error);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 100 Continue and its like come before the answer.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (!this.#isStreamed || status >= 300) return;
    this.#body = new ResponseBody(controller, this.#limits.readAheadSizeBytes);
    this.#settle.resolve({ status, headers, bytes: NOTHING, body: this.#body });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body !== undefined) {
      this.#body.push(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    if (this.#status >= 300) {
      if (this.#sizeBytes >= this.#limits.errorSizeBytesMax) this.#cutError(controller);
    } else if (this.#sizeBytes > this.#limits.documentSizeBytesMax) {
      this.onResponseError(controller, this.#tooLarge());
      controller.abort(this.#tooLarge());
    }
  }

  onResponseEnd(): void {
    this.#unhook();
    if (this.#body !== undefined) this.#body.finish();
    else this.#resolveWhole();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#unhook();
    const { signal } = this.#request;
    const reason: unknown = signal.aborted ? signal.reason : this.#failure(error);
    this.#body?.finish({ error: reason });
    this.#settle.reject(reason);
  }

  /** The request's body as it is sent: what it throws is the caller's own, and goes back to it as it is. */
  async *sent(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      this.#bodyError = { error };
      throw error;
    }
  }

  #failure(error: Error): unknown {
    return this.#bodyError === undefined ? connectionFailure(this.#request, error) : this.#bodyError.error;
  }

  readonly #onAbort = (): void => {
    const reason = this.#request.signal.reason as Error;
    this.#body?.finish({ error: reason });
    this.#settle.reject(reason);
    this.#controller?.abort(reason);
  };

  #unhook(): void {
    this.#request.signal.removeEventListener('abort', this.#onAbort);
  }

  #resolveWhole(): void {
    const [first = NOTHING] = this.#chunks;
    const bytes = this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : first;
    this.#settle.resolve({ status: this.#status, headers: this.#headers, bytes });
  }

  /** The beginning of an error says enough. */
  #cutError(controller: Dispatcher.DispatchController): void {
    this.#unhook();
    this.#resolveWhole();
    controller.abort(new Error('the rest of the error is not wanted'));
  }

  #tooLarge(): StatusError {
    const { documentSizeBytesMax } = this.#limits;
    const text = `${this.#request.resource}: the service answers with more than ${documentSizeBytesMax} bytes`;
    return new StatusError(Code.RESOURCE_EXHAUSTED, text, { reason: 'ANSWER_TOO_LARGE', isFinal: true });
  }
}

const NOTHING = Buffer.alloc(0);
