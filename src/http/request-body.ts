import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerLeft } from '../api/errors.ts';
import type { StatusError } from '../core/status-error.ts';
import { bodyEncodingOf } from './body-encoding.ts';
import { bodyTooLarge } from './body-too-large.ts';
import { decompressed } from './decompressed.ts';
import type { HeldBytes } from './held-bytes.ts';
import { HttpRefusal } from './http-refusal.ts';
import { inviteBody } from './invite-body.ts';

export interface BodyLimits {
  readonly bodySizeMaxBytes: number;
  readonly bodyTimeoutMs: number;
}

export interface RequestBodyOptions {
  readonly limits: BodyLimits;
  /** Where its bytes are counted. */
  readonly held: HeldBytes;
  /** Aborts when no more of it is wanted, its reason what the caller is told. */
  readonly closing: AbortSignal;
}

const NO_BYTES = new Uint8Array(0);

/** What a request brings beside its header. */
export interface Body {
  /** Whether there is one. */
  readonly isThere: boolean;
  /** All of its bytes, decompressed; read at most once. @throws HttpRefusal 413 for more than `sizeMaxBytes`. */
  read(sizeMaxBytes?: number): Promise<Uint8Array>;
}

/** The body of a request, from its connection. */
export class RequestBody implements Body {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #limits: BodyLimits;
  readonly #held: HeldBytes;
  readonly #closing: AbortSignal;
  #taken = 0;

  constructor(request: IncomingMessage, response: ServerResponse, { limits, held, closing }: RequestBodyOptions) {
    this.#request = request;
    this.#response = response;
    this.#limits = limits;
    this.#held = held;
    this.#closing = closing;
  }

  /** Whether there is one: the header says so (RFC 9112, section 6.3). */
  get isThere(): boolean {
    const { headers } = this.#request;
    return headers['transfer-encoding'] !== undefined || this.declaredSize > 0;
  }

  /** Bytes, as its header says; 0 where that does not say it. */
  get declaredSize(): number {
    return Number(this.#request.headers['content-length'] ?? 0);
  }

  /**
   * All of its bytes, decompressed.
   *
   * @param sizeMaxBytes  as they are sent, and decompressed.
   * @throws HttpRefusal 413 as soon as it is known to be too large, 408 when it takes too long, 415 as `bodyEncodingOf`; StatusError UNAVAILABLE
   *   when all bodies together are too much, INVALID_ARGUMENT as `gunzipped`, CANCELLED when the caller leaves; the reason of `closing`.
   */
  async read(sizeMaxBytes = this.#limits.bodySizeMaxBytes): Promise<Uint8Array> {
    if (!this.isThere) return NO_BYTES;
    const encoding = bodyEncodingOf(this.#request.headers);
    if (this.declaredSize > sizeMaxBytes) throw bodyTooLarge(sizeMaxBytes);
    inviteBody(this.#request, this.#response);
    const bytes = await this.#collect(sizeMaxBytes);
    return encoding === 'gzip' ? decompressed(bytes, { sizeMaxBytes, held: this.#held }) : bytes;
  }

  /** Events, not the iterator of streams: that destroys the request when it is left, and with it the connection and the answer. */
  #collect(sizeMaxBytes: number): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const chunks: Buffer[] = [];
    const request = this.#request;
    const closing = this.#closing;
    const settle = (): void => {
      clearTimeout(timer);
      closing.removeEventListener('abort', close);
    };
    const fail = (error: StatusError): void => {
      settle();
      request.off('data', take);
      reject(error);
    };
    const close = (): void => {
      fail(closing.reason as StatusError);
    };
    const take = (chunk: Buffer): void => {
      const error = this.#take(chunk, sizeMaxBytes);
      if (error === undefined) chunks.push(chunk);
      else fail(error);
    };
    const { bodyTimeoutMs } = this.#limits;
    const timer = setTimeout(() => {
      fail(tooSlow(bodyTimeoutMs));
    }, bodyTimeoutMs);
    request.on('data', take);
    if (closing.aborted) close();
    else closing.addEventListener('abort', close);
    request.once('end', () => {
      settle();
      resolve(Buffer.concat(chunks));
    });
    request.once('close', () => {
      fail(callerLeft());
    });
    return promise;
  }

  /** @returns why the chunk cannot be kept. */
  #take(chunk: Buffer, sizeMaxBytes: number): StatusError | undefined {
    if (this.#taken + chunk.length > sizeMaxBytes) return bodyTooLarge(sizeMaxBytes);
    this.#taken += chunk.length;
    return this.#held.take(chunk.length);
  }
}

function tooSlow(timeoutMs: number): HttpRefusal {
  const metadata = { bodyTimeoutMs: String(timeoutMs) };
  const message = `the body did not arrive within ${metadata.bodyTimeoutMs} ms; send the request again`;
  return new HttpRefusal(408, message, { reason: 'BODY_TIMEOUT', metadata });
}
