import { hash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import type { WebClient } from '../web/web-client.ts';
import type { StreamedResponse, WebMethod, WebRequest, WebResponse } from '../web/web-request.ts';
import { percentEncode, percentEncodePath } from './percent-encode.ts';
import { lateFailure, s3Failure } from './s3-error.ts';
import { originOf, type S3Credentials, type S3Place } from './s3-place.ts';
import { EMPTY_PAYLOAD, S3Signer, UNSIGNED_PAYLOAD } from './sigv4.ts';

export interface S3Request {
  readonly method: WebMethod;
  /** Within the bucket, prefix and all; absent for the bucket itself. */
  readonly key?: ByteString;
  /** Values are byte strings; a parameter without a value has ''. */
  readonly query?: Readonly<Record<string, ByteString>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly responseTimeoutMs?: number;
  /** See WebRequest. */
  readonly expectedSizeBytes?: number;
  readonly signal: AbortSignal;
}

export interface S3BucketOptions {
  readonly place: S3Place;
  readonly credentials: S3Credentials;
  readonly web: WebClient;
  readonly clock: Clock;
}

/** Signed requests to one bucket; answers that are not good become StatusErrors. Nothing is retried. */
export class S3Bucket {
  readonly place: S3Place;
  readonly #credentials: S3Credentials;
  readonly #web: WebClient;
  readonly #clock: Clock;
  readonly #signer: S3Signer;
  readonly #origin: string;
  readonly #host: string;
  readonly #pathStart: string;

  constructor({ place, credentials, web, clock }: S3BucketOptions) {
    this.place = place;
    this.#credentials = credentials;
    this.#web = web;
    this.#clock = clock;
    this.#signer = new S3Signer(credentials, place.region);
    this.#origin = originOf(place);
    this.#host = new URL(this.#origin).host;
    this.#pathStart = place.isVirtualHosted ? '/' : `/${percentEncode(place.bucket)}/`;
  }

  /**
   * Whether another bucket is of the same service for the same person, so that the service may copy from it under this one's name. A key's id
   * is no secret: who only knows that of another person's key must not read with it.
   */
  isWithinReach(source: S3Bucket): boolean {
    const [own, other] = [this.#credentials, source.#credentials];
    const isSamePerson = own.accessKeyId === other.accessKeyId && own.secretAccessKey === other.secretAccessKey;
    return isSamePerson && this.place.endpoint === source.place.endpoint;
  }

  nowMs(): number {
    return this.#clock.now();
  }

  /** `s3://bucket/key`, for messages. */
  resource(key: ByteString | undefined): string {
    return `s3://${this.place.bucket}${key === undefined ? '' : `/${displayText(key)}`}`;
  }

  /** @throws StatusError unless the status is 2xx, or the body is an error in spite of it. */
  async send(request: S3Request): Promise<WebResponse> {
    const signed = this.#signed(request);
    const response = await this.#web.send(signed);
    if (response.status >= 300) throw s3Failure(signed, response);
    return response;
  }

  /** As send(), for requests that S3 answers before it has done them: the body may be an error in spite of the status. */
  async sendSlow(request: S3Request): Promise<WebResponse> {
    const response = await this.send(request);
    const failure = lateFailure({ resource: this.resource(request.key) }, response);
    if (failure !== undefined) throw failure;
    return response;
  }

  /** The answer as soon as its headers are there. @throws StatusError unless the status is 2xx. */
  async open(request: S3Request): Promise<StreamedResponse> {
    const signed = this.#signed(request);
    const response = await this.#web.open(signed);
    if (response.status >= 300) throw s3Failure(signed, response);
    return response;
  }

  #signed(request: S3Request): WebRequest {
    const { method, key, query = {}, headers = {}, body, responseTimeoutMs, expectedSizeBytes, signal } = request;
    const path = this.#path(key);
    const queryText = queryOf(query);
    const signed = this.#signer.sign(
      {
        method,
        path,
        query: queryText,
        headers: { ...headers, host: this.#host },
        payloadHash: this.#payloadHash(body),
      },
      this.#clock.now(),
    );
    return {
      method,
      origin: this.#origin,
      target: queryText === '' ? path : `${path}?${queryText}`,
      headers: signed,
      resource: this.resource(key),
      signal,
      ...(body === undefined ? {} : { body }),
      ...(responseTimeoutMs === undefined ? {} : { responseTimeoutMs }),
      ...(expectedSizeBytes === undefined ? {} : { expectedSizeBytes }),
    };
  }

  #path(key: ByteString | undefined): string {
    if (key !== undefined) return this.#pathStart + percentEncodePath(key);
    // Some servers take `/bucket/` for an object without a name.
    return this.place.isVirtualHosted ? '/' : this.#pathStart.slice(0, -1);
  }

  /** TLS vouches for the bytes on their way; without it the signature does. */
  #payloadHash(body: Uint8Array | undefined): string {
    if (body === undefined || body.length === 0) return EMPTY_PAYLOAD;
    return this.#origin.startsWith('https:') ? UNSIGNED_PAYLOAD : hash('sha256', body, 'hex');
  }
}

function queryOf(query: Readonly<Record<string, ByteString>>): string {
  const names = Object.keys(query).sort();
  return names.map((name) => `${percentEncode(name)}=${percentEncode(query[name] ?? '')}`).join('&');
}
