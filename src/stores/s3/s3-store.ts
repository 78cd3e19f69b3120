import { crc32c } from '@node-rs/crc32';
import { hash } from 'node:crypto';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type {
  DeleteOptions,
  ListOptions,
  ListPage,
  ObjectStore,
  ReadOptions,
  StoreCapabilities,
  WriteOptions,
} from '../../transfers/object-store.ts';
import { headerOf } from '../web/web-request.ts';
import { bodyParts } from './body-parts.ts';
import type { S3Limits } from './limits.ts';
import { ListColumns } from './list-columns.ts';
import { readObject } from './read-object.ts';
import type { S3Abilities } from './s3-abilities.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { S3Copy } from './s3-copy.ts';
import { S3Lister } from './s3-lister.ts';
import { metadataHeaders } from './s3-metadata.ts';
import {
  changedError,
  isExpected,
  S3_TIME_GRAIN_MS,
  checkKey,
  CRC32C_HEADER,
  crc32cText,
  preconditionHeaders,
  quoted,
  recordOf,
  unquoted,
} from './s3-record.ts';
import { S3Uploads } from './s3-uploads.ts';
import { writeInParts } from './write-in-parts.ts';

export interface S3StoreOptions {
  readonly bucket: S3Bucket;
  readonly abilities: S3Abilities;
  readonly limits: S3Limits;
  /** Called when a listing turns out not to be in order. */
  readonly onDisorder?: () => void;
}

/**
 * Objects of a bucket of S3, or of a server that speaks its protocol.
 *
 * What the server ignores of the protocol is not relied upon: see S3Abilities. Listings tell no MD5, as an ETag does not say there
 * whether it is one; stat() and read() do.
 */
export class S3Store implements ObjectStore {
  readonly capabilities: StoreCapabilities;
  readonly uploads: S3Uploads;
  readonly bucket: S3Bucket;
  readonly #abilities: S3Abilities;
  readonly #limits: S3Limits;
  readonly #lister: S3Lister;
  readonly #copy: S3Copy;
  readonly #onDisorder: () => void;

  constructor({ bucket, abilities, limits, onDisorder = () => undefined }: S3StoreOptions) {
    const stat = (key: ByteString, signal: AbortSignal): Promise<ObjectRecord | undefined> => this.stat(key, signal);
    this.bucket = bucket;
    this.#abilities = abilities;
    this.#limits = limits;
    this.#onDisorder = onDisorder;
    this.#lister = new S3Lister(bucket, limits.listPageCountMax);
    this.uploads = new S3Uploads({ bucket, abilities, limits, stat });
    this.#copy = new S3Copy({ store: this, limits });
    this.capabilities = {
      listsInByteOrder: abilities.listsInByteOrder,
      acceptsAnyBytes: false,
      hasDirectories: abilities.hasDirectories,
      modifyTimeGrainMs: S3_TIME_GRAIN_MS,
      hasAttributes: false,
      hasLinks: false,
      hasMetadata: true,
      assignsModifyTime: true,
      listsMetadata: false,
      preconditions: [
        ...(abilities.writesOnlyIfAbsent ? ['absent' as const] : []),
        ...(abilities.writesOnlyIfSame ? ['etag' as const] : []),
      ],
    };
  }

  async stat(key: ByteString, signal: AbortSignal): Promise<ObjectRecord | undefined> {
    try {
      const headers = { 'x-amz-checksum-mode': 'ENABLED' };
      const response = await this.bucket.send({ method: 'HEAD', key: this.#whole(key), headers, signal });
      return recordOf(key, Number(headerOf(response, 'content-length')), response);
    } catch (error) {
      if (error instanceof StatusError && error.code === Code.NOT_FOUND) return undefined;
      throw error;
    }
  }

  async *list(prefix: ByteString, { startAfter, signal }: ListOptions): AsyncGenerator<ListPage> {
    const { place } = this.bucket;
    const { listsInByteOrder } = this.#abilities;
    const columns = new ListColumns({ place, startAfter, isOrdered: listsInByteOrder, onDisorder: this.#onDisorder });
    const from = startAfter === undefined || !listsInByteOrder ? undefined : place.prefix + startAfter;
    for await (const page of this.#lister.pages(place.prefix + prefix, from, signal)) {
      signal.throwIfAborted();
      yield columns.take(page);
    }
  }

  read(key: ByteString, options: ReadOptions): AsyncGenerator<Uint8Array> {
    return readObject({ bucket: this.bucket, stat: (signal) => this.stat(key, signal) }, key, options);
  }

  async write(key: ByteString, body: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<ObjectRecord> {
    const { sizeBytes, signal } = options;
    const resource = this.bucket.resource(this.#whole(key));
    signal.throwIfAborted();
    checkKey(key, resource);
    const { partSizeBytesMin } = this.#limits;
    const parts = bodyParts(body, {
      partSizeBytes: Math.max(partSizeBytesMin, Math.ceil((sizeBytes ?? 0) / this.uploads.rules.partCountMax)),
      resource,
      signal,
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
    });
    const { value: first = Buffer.alloc(0) } = (await parts.next()) as IteratorResult<Buffer, undefined>;
    const second = (await parts.next()) as IteratorResult<Buffer, undefined>;
    if (second.done === true) return this.#put(key, first, options);
    const rest = { first, second: second.value, parts };
    return writeInParts({ uploads: this.uploads, key, rest, options, cleanUpTimeoutMs: this.#limits.cleanUpTimeoutMs });
  }

  async delete(key: ByteString, signal: AbortSignal, { expect }: DeleteOptions = {}): Promise<boolean> {
    const { deletesOnlyIfSame, tellsOfMissing } = this.#abilities;
    const isConditional = deletesOnlyIfSame && expect?.etag !== undefined;
    const headers = isConditional ? { 'if-match': quoted(expect.etag) } : {};
    // Most servers answer in the same way whether there was an object or not, so that one has to look.
    if (!isConditional || !tellsOfMissing) {
      const found = await this.stat(key, signal);
      if (found === undefined) return false;
      if (expect !== undefined && !isExpected(found, expect))
        throw changedError(this.bucket.resource(this.#whole(key)));
    }
    try {
      await this.bucket.send({ method: 'DELETE', key: this.#whole(key), headers, signal });
      return true;
    } catch (error) {
      if (error instanceof StatusError && error.info.reason === 'OBJECT_NOT_FOUND') return false;
      throw error;
    }
  }

  copyObject(
    source: ObjectStore,
    object: ObjectRecord,
    key: ByteString,
    options: WriteOptions,
  ): Promise<ObjectRecord> | undefined {
    if (!(source instanceof S3Store) || !this.bucket.isWithinReach(source.bucket)) return undefined;
    return this.#copy.copy(source, object, key, options);
  }

  /** Nothing: connections are the web client's. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  async #put(key: ByteString, bytes: Buffer, { metadata, precondition, signal }: WriteOptions): Promise<ObjectRecord> {
    const resource = this.bucket.resource(this.#whole(key));
    const sum = crc32c(bytes);
    const headers = { ...metadataHeaders(metadata, resource), ...preconditionHeaders(precondition) };
    if (this.#abilities.checksCrc32c) headers[CRC32C_HEADER] = crc32cText(sum);
    else headers['content-md5'] = hash('md5', bytes, 'base64');
    const response = await this.bucket.send({ method: 'PUT', key: this.#whole(key), headers, body: bytes, signal });
    const etag = headerOf(response, 'etag');
    return {
      key,
      sizeBytes: bytes.length,
      modifyTimeMs: Date.parse(headerOf(response, 'date') ?? ''),
      crc32c: sum,
      ...(etag === undefined ? {} : { etag: unquoted(etag) }),
      ...(metadata === undefined ? {} : { metadata }),
    };
  }

  #whole(key: ByteString): ByteString {
    return this.bucket.place.prefix + key;
  }
}
