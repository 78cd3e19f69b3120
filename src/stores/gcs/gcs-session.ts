/**
 * Resumable uploads of Google Cloud Storage ("Resumable uploads"): a session takes bytes in order, each request but the last a
 * multiple of 256 KiB, and the object appears with its last byte.
 */
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import type { BeginUploadOptions } from '../../transfers/object-uploads.ts';
import { headerOf, type WebResponse } from '../web/web-request.ts';
import type { GcsPlace } from './gcs-place.ts';
import { crc32cText, RECORD_FIELDS, resourceOf, type GcsResource } from './gcs-resource.ts';
import type { GcsRequest, GcsService } from './gcs-service.ts';
import { generationQuery } from './generation-query.ts';
import { jsonBody } from './json-body.ts';

/** "the chunk size should be a multiple of 256 KiB (256 x 1024 bytes)" */
export const SESSION_GRAIN_BYTES = 256 * 1024;

/** How far a session is: so many bytes are kept, or the object is there. */
export type SessionState = { readonly keptBytes: number } | { readonly resource: GcsResource };

/**
 * One session, by path and query of its URI.
 *
 * That names the upload and allows it: whoever has it can write the object. It belongs in the journal, and in no message.
 */
export interface GcsSession {
  readonly key: ByteString;
  readonly target: string;
}

interface EndOfUpload {
  readonly offsetBytes: number;
  /** From there to the object's end; may be empty. */
  readonly bytes: Uint8Array;
  /** Of the whole object. */
  readonly crc32c?: number;
}

/** Requests about sessions. NOT_FOUND (reason UPLOAD_UNKNOWN): the service does not know the session (any more). */
export class GcsSessions {
  readonly #service: GcsService;
  readonly #place: GcsPlace;

  constructor(service: GcsService, place: GcsPlace) {
    this.#service = service;
    this.#place = place;
  }

  async begin(
    key: ByteString,
    { sizeBytes, metadata, precondition, signal }: Partial<BeginUploadOptions> & { readonly signal: AbortSignal },
  ): Promise<GcsSession> {
    const name = this.#place.nameOf(key);
    const contentType = metadata?.contentType ?? 'application/octet-stream';
    const query = {
      uploadType: 'resumable',
      name,
      fields: RECORD_FIELDS,
      kmsKeyName: metadata?.kmsKey,
      ...generationQuery(precondition),
    };
    const response = await this.#service.send(
      {
        method: 'POST',
        target: this.#place.uploadTarget(query),
        headers: {
          'content-type': 'application/json; charset=UTF-8',
          'x-upload-content-type': contentType,
          ...(sizeBytes === undefined ? {} : { 'x-upload-content-length': String(sizeBytes) }),
        },
        body: Buffer.from(JSON.stringify({ ...resourceOf(metadata), name, contentType })),
        resource: this.#place.resourceOf(key),
        signal,
      },
      [200, 201],
    );
    return { key, target: this.#targetOf(response, key) };
  }

  /** Bytes that are not the last: a multiple of the grain. Fewer may be kept. */
  append(session: GcsSession, offsetBytes: number, bytes: Uint8Array, signal: AbortSignal): Promise<SessionState> {
    return this.#put(session, `${rangeText(offsetBytes, bytes.length)}/*`, { body: bytes, signal });
  }

  state(session: GcsSession, signal: AbortSignal): Promise<SessionState> {
    return this.#put(session, 'bytes */*', { signal });
  }

  /** The last bytes: the object appears, whole and with that checksum, or not at all. */
  async finish(session: GcsSession, end: EndOfUpload, signal: AbortSignal): Promise<GcsResource> {
    const { offsetBytes, bytes, crc32c } = end;
    const range = `${rangeText(offsetBytes, bytes.length)}/${offsetBytes + bytes.length}`;
    const headers = crc32c === undefined ? {} : { 'x-goog-hash': `crc32c=${crc32cText(crc32c)}` };
    const state = await this.#put(session, range, { headers, body: bytes, signal });
    if ('resource' in state) return state.resource;
    const message = `${this.#place.resourceOf(session.key)}: the service kept ${state.keptBytes} bytes of the upload's end`;
    throw new StatusError(Code.UNAVAILABLE, message, { reason: 'UPLOAD_INCOMPLETE' });
  }

  /** false when the service does not know it. */
  async cancel(session: GcsSession, signal: AbortSignal): Promise<boolean> {
    const request: GcsRequest = {
      method: 'DELETE',
      target: session.target,
      headers: { 'content-length': '0' },
      resource: this.#place.resourceOf(session.key),
      signal,
    };
    // "If successful, the response contains a 499 status code."
    const { status } = await this.#service.send(request, [499, 200, 204, 404, 410]);
    return status !== 404 && status !== 410;
  }

  async #put(
    session: GcsSession,
    contentRange: string,
    { headers, body = new Uint8Array(0), signal }: Pick<GcsRequest, 'headers' | 'body' | 'signal'>,
  ): Promise<SessionState> {
    const request: GcsRequest = {
      method: 'PUT',
      target: session.target,
      headers: { ...headers, 'content-range': contentRange },
      body,
      resource: this.#place.resourceOf(session.key),
      signal,
    };
    const response = await this.#service.send(request, [200, 201, 308, 404, 410, 499]);
    if (response.status === 308) return { keptBytes: keptBytesOf(response) };
    if (response.status < 300) return { resource: jsonBody(response) };
    throw unknownUpload(session.key);
  }

  /** Wherever the service says that the session is, it is asked for at our endpoint: a token goes nowhere else. */
  #targetOf(response: WebResponse, key: ByteString): string {
    const location = headerOf(response, 'location');
    if (location !== undefined && URL.canParse(location, this.#service.origin)) {
      const { pathname, search } = new URL(location, this.#service.origin);
      return pathname + search;
    }
    const message = `${this.#place.resourceOf(key)}: the service begins an upload without telling its URI`;
    throw new StatusError(Code.INTERNAL, message, { reason: 'ANSWER_UNEXPECTED' });
  }
}

/** `bytes FIRST-LAST`, or `bytes *` for none. */
function rangeText(offsetBytes: number, lengthBytes: number): string {
  return lengthBytes === 0 ? 'bytes *' : `bytes ${offsetBytes}-${offsetBytes + lengthBytes - 1}`;
}

/** "If … doesn't have a Range header, Cloud Storage hasn't yet persisted any bytes" */
function keptBytesOf(response: WebResponse): number {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(headerOf(response, 'range') ?? '')?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

export function unknownUpload(key: ByteString): StatusError {
  const message = `${displayText(key)}: the store does not know this upload, it was completed or aborted`;
  return new StatusError(Code.NOT_FOUND, message, { reason: 'UPLOAD_UNKNOWN' });
}
