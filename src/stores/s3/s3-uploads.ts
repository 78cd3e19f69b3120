import { crc32c } from '@node-rs/crc32';
import { createHash, hash } from 'node:crypto';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, toByteString, byteStringOf, type ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord, WritePrecondition } from '../../transfers/object-record.ts';
import type {
  BeginUploadOptions,
  CompleteUploadOptions,
  ObjectUploads,
  PartToPut,
  Upload,
  UploadPart,
  UploadRules,
} from '../../transfers/object-uploads.ts';
import { ListingProgress } from '../web/listing-progress.ts';
import { scanXml } from '../web/scan-xml.ts';
import { headerOf, type WebResponse } from '../web/web-request.ts';
import { completeBody } from './complete-body.ts';
import { S3_PART_COUNT_MAX, S3_PART_SIZE_BYTES_MAX, S3_PART_SIZE_BYTES_MIN, type S3Limits } from './limits.ts';
import type { S3Abilities } from './s3-abilities.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { metadataHeaders } from './s3-metadata.ts';
import {
  changedError,
  checkKey,
  CRC32C_HEADER,
  crc32cText,
  damagedError,
  preconditionHeaders,
  unquoted,
} from './s3-record.ts';
import { uploadsPage } from './uploads-page.ts';

export interface S3UploadsOptions {
  readonly bucket: S3Bucket;
  readonly abilities: S3Abilities;
  readonly limits: S3Limits;
  readonly stat: (key: ByteString, signal: AbortSignal) => Promise<ObjectRecord | undefined>;
}

/** Multipart uploads: parts in any order, several at a time. */
export class S3Uploads implements ObjectUploads {
  readonly rules: UploadRules = {
    partSizeBytesMin: S3_PART_SIZE_BYTES_MIN,
    partSizeBytesMax: S3_PART_SIZE_BYTES_MAX,
    partSizeGrainBytes: 1,
    partCountMax: S3_PART_COUNT_MAX,
    isSequential: false,
  };
  readonly #bucket: S3Bucket;
  readonly #abilities: S3Abilities;
  readonly #limits: S3Limits;
  readonly #stat: S3UploadsOptions['stat'];

  constructor({ bucket, abilities, limits, stat }: S3UploadsOptions) {
    this.#bucket = bucket;
    this.#abilities = abilities;
    this.#limits = limits;
    this.#stat = stat;
  }

  async begin(key: ByteString, { metadata, signal }: BeginUploadOptions): Promise<Upload> {
    const { checksCrc32c, checksWholeCrc32c } = this.#abilities;
    const resource = this.#resource(key);
    checkKey(key, resource);
    const headers = {
      ...metadataHeaders(metadata, resource),
      ...(checksCrc32c ? { 'x-amz-checksum-algorithm': 'CRC32C' } : {}),
      ...(checksWholeCrc32c ? { 'x-amz-checksum-type': 'FULL_OBJECT' } : {}),
    };
    const response = await this.#bucket.send({
      method: 'POST',
      key: this.#whole(key),
      query: { uploads: '' },
      headers,
      signal,
    });
    return { key, id: elementOf(response, 'UploadId', resource) };
  }

  async putPart(
    { key, id }: Upload,
    { index, offsetBytes, bytes, crc32c: sum = crc32c(bytes) }: PartToPut,
    signal: AbortSignal,
  ): Promise<UploadPart> {
    const headers: Record<string, string> = this.#abilities.checksCrc32c
      ? { [CRC32C_HEADER]: crc32cText(sum) }
      : { 'content-md5': hash('md5', bytes, 'base64') };
    const query = { partNumber: String(index + 1), uploadId: byteStringOf(id) };
    const response = await this.#bucket.send({
      method: 'PUT',
      key: this.#whole(key),
      query,
      headers,
      body: bytes,
      signal,
    });
    const etag = unquoted(headerOf(response, 'etag') ?? '');
    return { index, offsetBytes, sizeBytes: bytes.length, crc32c: sum, etag };
  }

  /** Makes a part of bytes that the service has already. The source is the one expected, or FAILED_PRECONDITION. */
  async copyPart(
    { key, id }: Upload,
    part: { readonly index: number; readonly offsetBytes: number; readonly sizeBytes: number },
    source: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<UploadPart> {
    const { index, offsetBytes, sizeBytes } = part;
    const range = `bytes=${offsetBytes}-${offsetBytes + sizeBytes - 1}`;
    const response = await this.#bucket.sendSlow({
      method: 'PUT',
      key: this.#whole(key),
      query: { partNumber: String(index + 1), uploadId: byteStringOf(id) },
      headers: { ...source, 'x-amz-copy-source-range': range },
      responseTimeoutMs: this.#limits.slowResponseTimeoutMs,
      signal,
    });
    const etag = unquoted(elementOf(response, 'ETag', this.#resource(key)));
    return { index, offsetBytes, sizeBytes, crc32c: NaN, etag };
  }

  async complete(upload: Upload, parts: readonly UploadPart[], options: CompleteUploadOptions): Promise<ObjectRecord> {
    const { key, id } = upload;
    const { precondition, signal } = options;
    await this.#checkBefore(key, precondition, signal);
    try {
      const response = await this.#bucket.sendSlow({
        method: 'POST',
        key: this.#whole(key),
        query: { uploadId: byteStringOf(id) },
        headers: {
          'content-type': 'application/xml',
          ...preconditionHeaders(precondition),
          ...this.#wholeChecksum(options),
        },
        body: completeBody(parts, this.#abilities.checksCrc32c),
        responseTimeoutMs: this.#limits.slowResponseTimeoutMs,
        signal,
      });
      return await this.#completed(upload, parts, options, response);
    } catch (error) {
      const isUnknown = error instanceof StatusError && error.info.reason === 'UPLOAD_UNKNOWN';
      const record = isUnknown ? await this.#completedBefore(upload, parts, options) : undefined;
      if (record === undefined) throw error;
      return record;
    }
  }

  async abort({ key, id }: Upload, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#bucket.send({
        method: 'DELETE',
        key: this.#whole(key),
        query: { uploadId: byteStringOf(id) },
        signal,
      });
      return true;
    } catch (error) {
      if (error instanceof StatusError && error.code === Code.NOT_FOUND) return false;
      throw error;
    }
  }

  async *list(prefix: ByteString, signal: AbortSignal): AsyncGenerator<Upload> {
    const { place } = this.#bucket;
    const resource = this.#bucket.resource(undefined);
    const progress = new ListingProgress(resource);
    let marker: Readonly<Record<string, ByteString>> | undefined = {};
    while (marker !== undefined) {
      // Not URL-encoded, which is read in two ways: a key that is off by a character would leave its upload for ever.
      const query = { uploads: '', prefix: place.prefix + prefix, ...marker };
      const { bytes } = await this.#bucket.send({ method: 'GET', query, signal });
      const page = uploadsPage(bytes, resource);
      for (const { key, ...upload } of page.uploads) {
        if (key.startsWith(place.prefix + prefix)) yield { key: key.slice(place.prefix.length), ...upload };
      }
      marker = page.next;
      if (marker !== undefined) progress.goesOn(Object.values(marker).join('\0'), page.uploads.at(-1)?.id);
    }
  }

  /** Where the service would overlook a precondition, a look just before has to do: a writer in between is not noticed. */
  async #checkBefore(key: ByteString, precondition: WritePrecondition | undefined, signal: AbortSignal): Promise<void> {
    const { completesOnlyIfAbsent, completesOnlyIfSame } = this.#abilities;
    if (precondition === undefined) return;
    if (precondition.kind === 'absent' ? completesOnlyIfAbsent : completesOnlyIfSame) return;
    const found = await this.#stat(key, signal);
    const expected = precondition.kind === 'absent' ? undefined : precondition.etag;
    if (found?.etag !== expected) throw changedError(this.#resource(key));
  }

  #wholeChecksum({ crc32c: sum }: CompleteUploadOptions): Record<string, string> {
    if (sum === undefined || !this.#abilities.checksWholeCrc32c) return {};
    return { [CRC32C_HEADER]: crc32cText(sum), 'x-amz-checksum-type': 'FULL_OBJECT' };
  }

  async #completed(
    { key }: Upload,
    parts: readonly UploadPart[],
    { crc32c: sum, signal }: CompleteUploadOptions,
    response: WebResponse,
  ): Promise<ObjectRecord> {
    const sizeBytes = sizeOf(parts);
    if (sum !== undefined && this.#abilities.checksWholeCrc32c) {
      const etag = unquoted(elementOf(response, 'ETag', this.#resource(key)));
      const modifyTimeMs = Date.parse(headerOf(response, 'date') ?? '');
      return { key, sizeBytes, modifyTimeMs, crc32c: sum, etag };
    }
    const record = await this.#stat(key, signal);
    if (record?.sizeBytes === sizeBytes && (sum === undefined || (record.crc32c ?? sum) === sum)) return record;
    throw damagedError(this.#resource(key), 'what the service put together is not what its parts were');
  }

  /** An answer that was lost: whether the object that is there is of these parts. */
  async #completedBefore(
    { key }: Upload,
    parts: readonly UploadPart[],
    { crc32c: sum, signal }: CompleteUploadOptions,
  ): Promise<ObjectRecord | undefined> {
    const record = await this.#stat(key, signal);
    if (record?.sizeBytes !== sizeOf(parts)) return undefined;
    const isSameSum = sum !== undefined && record.crc32c === sum;
    return isSameSum || record.etag === joinedEtag(parts) ? record : undefined;
  }

  #whole(key: ByteString): ByteString {
    return this.#bucket.place.prefix + key;
  }

  #resource(key: ByteString): string {
    return this.#bucket.resource(this.#whole(key));
  }
}

function sizeOf(parts: readonly UploadPart[]): number {
  return parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** What S3 and most like it give an object of parts: the MD5 of the parts' MD5s, and their count. */
function joinedEtag(parts: readonly UploadPart[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(etag, 'hex');
  return `${md5.digest('hex')}-${parts.length}`;
}

/** The text of the first element with that name. */
function elementOf(response: WebResponse, wanted: string, resource: string): string {
  let found: string | undefined;
  scanXml(toByteString(response.bytes), resource, (name, text) => {
    if (name === wanted) found ??= displayText(text);
  });
  if (found !== undefined && found !== '') return found;
  const text = `${resource}: the service answers without ${wanted}`;
  throw new StatusError(Code.UNAVAILABLE, text, { reason: 'ANSWER_MALFORMED', metadata: { resource } });
}
