import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectMetadata } from '../../transfers/object-metadata.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { WriteOptions } from '../../transfers/object-store.ts';
import type { UploadPart } from '../../transfers/object-uploads.ts';
import type { S3Limits } from './limits.ts';
import { percentEncode, percentEncodePath } from './percent-encode.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { metadataHeaders } from './s3-metadata.ts';
import { changedError, damagedError, quoted } from './s3-record.ts';
import type { S3Uploads } from './s3-uploads.ts';

/** What a copy needs of either store. */
export interface CopyEnd {
  readonly bucket: S3Bucket;
  readonly uploads: S3Uploads;
  stat(key: ByteString, signal: AbortSignal): Promise<ObjectRecord | undefined>;
  write(key: ByteString, body: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<ObjectRecord>;
}

export interface S3CopyOptions {
  readonly store: CopyEnd;
  readonly limits: S3Limits;
}

/** Copies within one service: by one request, or in parts where the object is large or a precondition must hold. */
export class S3Copy {
  readonly #store: CopyEnd;
  readonly #limits: S3Limits;

  constructor({ store, limits }: S3CopyOptions) {
    this.#store = store;
    this.#limits = limits;
  }

  async copy(source: CopyEnd, object: ObjectRecord, key: ByteString, options: WriteOptions): Promise<ObjectRecord> {
    options.signal.throwIfAborted();
    const { sizeBytes } = object;
    // Few servers know a precondition for a copy; all that know one for a write know it for the completion of an upload.
    const isInParts =
      sizeBytes > this.#limits.copySizeBytesMax || (options.precondition !== undefined && sizeBytes > 0);
    if (isInParts) return this.#copyInParts(source, object, key, options);
    if (options.precondition !== undefined)
      return this.#store.write(key, NOTHING, await this.#withMetadata(source, object, options));
    await this.#copyWhole(source, object, key, options);
    return this.#copied(object, key, options);
  }

  async #copyWhole(source: CopyEnd, object: ObjectRecord, key: ByteString, options: WriteOptions): Promise<void> {
    const { bucket } = this.#store;
    const whole = bucket.place.prefix + key;
    const { metadata, signal } = options;
    await bucket.sendSlow({
      method: 'PUT',
      key: whole,
      headers: {
        ...copySource(source, object),
        ...metadataHeaders(metadata, bucket.resource(whole)),
        'x-amz-metadata-directive': metadata === undefined ? 'COPY' : 'REPLACE',
      },
      responseTimeoutMs: this.#limits.slowResponseTimeoutMs,
      signal,
    });
  }

  async #copyInParts(
    source: CopyEnd,
    object: ObjectRecord,
    key: ByteString,
    options: WriteOptions,
  ): Promise<ObjectRecord> {
    const { uploads } = this.#store;
    const { sizeBytes } = object;
    const { modifyTimeMs, metadata, precondition, signal } = await this.#withMetadata(source, object, options);
    const { copyPartSizeBytes, cleanUpTimeoutMs } = this.#limits;
    const more = metadata === undefined ? {} : { metadata };
    const upload = await uploads.begin(key, { modifyTimeMs, sizeBytes, ...more, signal });
    try {
      const parts: UploadPart[] = [];
      const partBytes = Math.max(copyPartSizeBytes, Math.ceil(sizeBytes / uploads.rules.partCountMax));
      for (let offsetBytes = 0; offsetBytes < sizeBytes; offsetBytes += partBytes) {
        const part = { index: parts.length, offsetBytes, sizeBytes: Math.min(partBytes, sizeBytes - offsetBytes) };
        parts.push(await uploads.copyPart(upload, part, copySource(source, object), signal));
      }
      return await uploads.complete(upload, parts, { ...(precondition === undefined ? {} : { precondition }), signal });
    } catch (error) {
      await uploads.abort(upload, AbortSignal.timeout(cleanUpTimeoutMs)).catch(() => undefined);
      throw error;
    }
  }

  /** An upload takes no metadata from its source: it has to be asked for. */
  async #withMetadata(source: CopyEnd, object: ObjectRecord, options: WriteOptions): Promise<WriteOptions> {
    const { metadata = object.metadata ?? (await this.#sourceMetadata(source, object, options)) } = options;
    return { ...options, metadata };
  }

  async #sourceMetadata(source: CopyEnd, object: ObjectRecord, { signal }: WriteOptions): Promise<ObjectMetadata> {
    const found = await source.stat(object.key, signal);
    const resource = source.bucket.resource(source.bucket.place.prefix + object.key);
    if (found === undefined || (object.etag !== undefined && found.etag !== object.etag)) throw changedError(resource);
    return found.metadata ?? { custom: {} };
  }

  /** The answers of servers to a copy differ in what they tell, so that the copy itself is looked at. */
  async #copied(object: ObjectRecord, key: ByteString, { signal }: WriteOptions): Promise<ObjectRecord> {
    const record = await this.#store.stat(key, signal);
    if (record?.sizeBytes === object.sizeBytes) return record;
    const { bucket } = this.#store;
    throw damagedError(bucket.resource(bucket.place.prefix + key), 'the copy does not have the size of its source');
  }
}

function copySource({ bucket: { place } }: CopyEnd, { key, etag }: ObjectRecord): Record<string, string> {
  return {
    'x-amz-copy-source': `/${percentEncode(place.bucket)}/${percentEncodePath(place.prefix + key)}`,
    ...(etag === undefined ? {} : { 'x-amz-copy-source-if-match': quoted(etag) }),
  };
}

const NOTHING: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ value: undefined, done: true }) }),
};
