import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import { isSameTime } from '../../transfers/delta.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { ReadOptions } from '../../transfers/object-store.ts';
import { headerOf, type StreamedResponse } from '../web/web-request.ts';
import type { GcsPlace } from './gcs-place.ts';
import { RECORD_FIELDS, RECORD_FIELDS_WITH_ACL, recordOf } from './gcs-resource.ts';
import type { GcsService } from './gcs-service.ts';
import { jsonBody } from './json-body.ts';

type Expected = NonNullable<ReadOptions['expect']>;
type Range = Required<Pick<ReadOptions, 'offsetBytes' | 'lengthBytes'>>;

/** Reads objects and what is known of them. A read is of one generation, whatever happens meanwhile. */
export class GcsReader {
  readonly #service: GcsService;
  readonly #place: GcsPlace;

  readonly #projection: Readonly<Record<string, string>>;

  /** @param tellsAcl  see GcsStoreOptions. */
  constructor(service: GcsService, place: GcsPlace, tellsAcl: boolean) {
    this.#service = service;
    this.#place = place;
    this.#projection = tellsAcl
      ? { projection: 'full', fields: RECORD_FIELDS_WITH_ACL }
      : { projection: 'noAcl', fields: RECORD_FIELDS };
  }

  async stat(key: ByteString, signal: AbortSignal): Promise<ObjectRecord | undefined> {
    const target = this.#place.objectTarget(this.#place.nameOf(key), this.#projection);
    const request = { method: 'GET', target, resource: this.#place.resourceOf(key), signal } as const;
    const response = await this.#service.send(request, [200, 404]);
    return response.status === 404 ? undefined : recordOf(jsonBody(response), key);
  }

  /** The generation of the object there is. @throws StatusError FAILED_PRECONDITION when it is not the expected one. */
  async pin(key: ByteString, expect: Expected, signal: AbortSignal): Promise<string | undefined> {
    const found = await this.stat(key, signal);
    if (found !== undefined) this.#mustBe(found, expect);
    return found?.etag;
  }

  async *read(key: ByteString, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const { offsetBytes = 0, lengthBytes = Infinity, expect, onRecord, signal } = options;
    const range = { offsetBytes, lengthBytes };
    const needsRecord =
      onRecord !== undefined || (expect !== undefined && expect.etag === undefined) || lengthBytes === 0;
    const opening =
      expect?.etag === undefined || lengthBytes === 0 ? undefined : this.#open(key, range, expect.etag, signal);
    const record = needsRecord ? await orDiscard(opening, this.#mustStat(key, expect, signal)) : undefined;
    if (record !== undefined) onRecord?.(record);
    if (lengthBytes === 0) return;
    const response = await (opening ?? this.#open(key, range, record?.etag, signal));
    // Nothing is behind the end.
    if (response.body === undefined) return;
    yield* this.#bytes(key, response, range, expect);
  }

  /** A media answer tells neither the owner's pairs nor the time of the last change: they are asked for, at the same time. */
  async #mustStat(key: ByteString, expect: Expected | undefined, signal: AbortSignal): Promise<ObjectRecord> {
    const record = await this.stat(key, signal);
    if (record === undefined) {
      const message = `${this.#place.resourceOf(key)}: it is not there`;
      throw new StatusError(Code.NOT_FOUND, message, { reason: 'OBJECT_NOT_FOUND' });
    }
    if (expect !== undefined) this.#mustBe(record, expect);
    return record;
  }

  #open(
    key: ByteString,
    { offsetBytes, lengthBytes }: Range,
    generation: string | undefined,
    signal: AbortSignal,
  ): Promise<StreamedResponse> {
    const last = lengthBytes === Infinity ? '' : offsetBytes + lengthBytes - 1;
    const isWhole = offsetBytes === 0 && lengthBytes === Infinity;
    const name = this.#place.nameOf(key);
    return this.#service.open(
      {
        method: 'GET',
        target: this.#place.objectTarget(name, { alt: 'media', ifGenerationMatch: generation }),
        // Without gzip the service would unpack objects that were stored with `Content-Encoding: gzip`.
        headers: { 'accept-encoding': 'gzip', ...(isWhole ? {} : { range: `bytes=${offsetBytes}-${last}` }) },
        resource: this.#place.resourceOf(key),
        expectedSizeBytes: lengthBytes === Infinity ? 0 : lengthBytes,
        signal,
      },
      [416],
    );
  }

  async *#bytes(
    key: ByteString,
    response: StreamedResponse,
    { offsetBytes, lengthBytes }: Range,
    expect: Expected | undefined,
  ): AsyncGenerator<Uint8Array> {
    const { body } = response;
    if (body === undefined) return;
    try {
      const sizeBytes = totalBytesOf(response);
      if (isAnother(expect, sizeBytes, headerOf(response, 'x-goog-generation'))) throw this.#changed(key);
      if (offsetBytes > 0 && response.status !== 206) throw this.#unexpected(key, 'it ignores ranges');
      let comeBytes = 0;
      for await (const chunk of body) {
        comeBytes += chunk.length;
        yield chunk;
      }
      const wantedBytes = Math.min(lengthBytes, (sizeBytes ?? comeBytes + offsetBytes) - offsetBytes);
      if (comeBytes !== wantedBytes) throw this.#unexpected(key, `${comeBytes} bytes came of ${wantedBytes}`);
    } finally {
      body.discard();
    }
  }

  #mustBe(found: ObjectRecord, expect: Expected): void {
    const isSame =
      expect.etag === undefined
        ? isSameTime(found.modifyTimeMs, expect.modifyTimeMs, 0.001)
        : found.etag === expect.etag;
    if (!isSame || found.sizeBytes !== expect.sizeBytes) throw this.#changed(found.key);
  }

  #changed(key: ByteString): StatusError {
    const message = `${this.#place.resourceOf(key)}: it is not the object that was expected any more`;
    return new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'OBJECT_CHANGED' });
  }

  #unexpected(key: ByteString, detail: string): StatusError {
    const message = `${this.#place.resourceOf(key)}: the service answers in a way it should not: ${detail}`;
    return new StatusError(Code.UNAVAILABLE, message, { reason: 'ANSWER_UNEXPECTED' });
  }
}

/** By what the answer tells: not every server of this API honours `ifGenerationMatch` of a read. */
function isAnother(
  expect: Expected | undefined,
  sizeBytes: number | undefined,
  generation: string | undefined,
): boolean {
  if (expect === undefined) return false;
  if (sizeBytes !== undefined && sizeBytes !== expect.sizeBytes) return true;
  return expect.etag !== undefined && generation !== undefined && generation !== expect.etag;
}

/** The size of the whole object, as stored, where the answer tells it. */
function totalBytesOf(response: StreamedResponse): number | undefined {
  const total = /\/(\d+)$/.exec(headerOf(response, 'content-range') ?? '')?.[1];
  const text = total ?? headerOf(response, 'x-goog-stored-content-length') ?? headerOf(response, 'content-length');
  return text === undefined ? undefined : Number(text);
}

/** `asked`; when that rejects, nothing is left of what was opened beside it. */
async function orDiscard<T>(opening: Promise<StreamedResponse> | undefined, asked: Promise<T>): Promise<T> {
  try {
    // A failure of the opening is seen when it is its turn.
    opening?.catch(() => undefined);
    return await asked;
  } catch (error) {
    const opened = await opening?.catch(() => undefined);
    opened?.body?.discard();
    throw error;
  }
}
