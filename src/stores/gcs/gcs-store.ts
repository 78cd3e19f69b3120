import { crc32c } from '@node-rs/crc32';
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
import { ListingProgress } from '../web/listing-progress.ts';
import { BlockReader } from './block-reader.ts';
import { generationQuery } from './generation-query.ts';
import { GcsPlace, type GcsLocation } from './gcs-place.ts';
import { GcsReader } from './gcs-reader.ts';
import { crc32cText, RECORD_FIELDS, recordOf, resourceOf, type GcsResource } from './gcs-resource.ts';
import { readGcsListPage } from './list-page.ts';
import type { GcsService } from './gcs-service.ts';
import { GcsSessions } from './gcs-session.ts';
import { GcsUploads, type SentObject } from './gcs-uploads.ts';
import { jsonBody } from './json-body.ts';
import type { GcsLimits } from './limits.ts';
import { pageOf } from './page-of.ts';
import { relatedBody } from './related-body.ts';
import { rewriteObject } from './rewrite-object.ts';

export interface GcsStoreOptions {
  /** At the location's endpoint; belongs to its owner, who closes it. */
  readonly service: GcsService;
  readonly location: GcsLocation;
  readonly limits: GcsLimits;
  /** stat() and read() tell access control lists, which needs `storage.objects.getIamPolicy`; default false. */
  readonly tellsAcl?: boolean;
}

/**
 * A bucket of Google Cloud Storage, or what lies below a path in one, by the JSON API.
 *
 * An etag is a generation. Modification times are those of the last change, of metadata too (`updated`).
 */
export class GcsStore implements ObjectStore {
  readonly capabilities: StoreCapabilities = {
    listsInByteOrder: true,
    acceptsAnyBytes: false,
    hasDirectories: false,
    modifyTimeGrainMs: 1,
    hasAttributes: false,
    hasLinks: false,
    hasMetadata: true,
    assignsModifyTime: true,
    listsMetadata: true,
    hasGenerations: true,
    preconditions: ['absent', 'etag'],
  };
  readonly uploads: GcsUploads;
  readonly #service: GcsService;
  readonly #place: GcsPlace;
  readonly #limits: GcsLimits;
  readonly #sessions: GcsSessions;
  readonly #reader: GcsReader;

  constructor({ service, location, limits, tellsAcl = false }: GcsStoreOptions) {
    this.#service = service;
    this.#place = new GcsPlace(location);
    this.#limits = limits;
    this.#sessions = new GcsSessions(service, this.#place);
    this.#reader = new GcsReader(service, this.#place, tellsAcl);
    const verify = this.#verified.bind(this);
    this.uploads = new GcsUploads({ sessions: this.#sessions, limits, verify });
  }

  stat(key: ByteString, signal: AbortSignal): Promise<ObjectRecord | undefined> {
    return this.#reader.stat(key, signal);
  }

  async *list(prefix: ByteString, { startAfter, signal }: ListOptions): AsyncGenerator<ListPage> {
    const progress = new ListingProgress(this.#place.resource);
    let pageToken: string | undefined;
    do {
      signal.throwIfAborted();
      const target = this.#place.listTarget({
        prefix: this.#place.nameFloor(prefix),
        startOffset: startAfter === undefined ? undefined : this.#place.nameFloor(startAfter),
        maxResults: String(this.#limits.listPageCountMax),
        projection: 'noAcl',
        fields: `kind,nextPageToken,items(${RECORD_FIELDS})`,
        pageToken,
      });
      const answer = await this.#service.send({ method: 'GET', target, resource: this.#place.resource, signal });
      const { items, nextPageToken } = readGcsListPage(answer, this.#place.resource);
      if (nextPageToken !== undefined) progress.goesOn(nextPageToken, items.at(-1)?.name);
      const page = pageOf(items, this.#place, prefix, startAfter);
      if (page.keys.length + page.notes.length > 0) yield page;
      pageToken = nextPageToken;
    } while (pageToken !== undefined);
  }

  read(key: ByteString, options: ReadOptions): AsyncIterable<Uint8Array> {
    return this.#reader.read(key, options);
  }

  async write(key: ByteString, body: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<ObjectRecord> {
    const reader = new BlockReader(body, options.signal);
    try {
      const first = await reader.read(this.#limits.singleRequestSizeBytesMax);
      if (await reader.hasMore()) return await this.#writeSession(key, first, reader, options);
      mustBeWhole(this.#place.resourceOf(key), first.length, options.sizeBytes);
      return await this.#writeWhole(key, first, options);
    } finally {
      await reader.close();
    }
  }

  async delete(key: ByteString, signal: AbortSignal, { expect }: DeleteOptions = {}): Promise<boolean> {
    const generation =
      expect === undefined ? undefined : (expect.etag ?? (await this.#reader.pin(key, expect, signal)));
    const target = this.#place.objectTarget(this.#place.nameOf(key), { ifGenerationMatch: generation });
    const request = { method: 'DELETE', target, resource: this.#place.resourceOf(key), signal } as const;
    const response = await this.#service.send(request, [200, 204, 404]);
    return response.status !== 404;
  }

  copyObject(
    source: ObjectStore,
    object: ObjectRecord,
    key: ByteString,
    options: WriteOptions,
  ): Promise<ObjectRecord> | undefined {
    if (!(source instanceof GcsStore) || !source.#service.isSame(this.#service)) return undefined;
    return rewriteObject({
      service: this.#service,
      from: { place: source.#place, object },
      to: { place: this.#place, key },
      write: options,
      callCountMax: this.#limits.rewriteCallCountMax,
    });
  }

  /** What it is made of belongs to others. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  async #writeWhole(
    key: ByteString,
    bytes: Uint8Array,
    { metadata, precondition, signal }: WriteOptions,
  ): Promise<ObjectRecord> {
    const name = this.#place.nameOf(key);
    const sum = crc32c(bytes);
    const contentType = metadata?.contentType ?? 'application/octet-stream';
    const resource = { ...resourceOf(metadata), name, contentType, crc32c: crc32cText(sum) };
    const related = relatedBody(resource, bytes, contentType);
    const query = {
      uploadType: 'multipart',
      name,
      fields: RECORD_FIELDS,
      kmsKeyName: metadata?.kmsKey,
      ...generationQuery(precondition),
    };
    const response = await this.#service.send({
      method: 'POST',
      target: this.#place.uploadTarget(query),
      headers: { 'content-type': related.contentType },
      body: related.body,
      resource: this.#place.resourceOf(key),
      signal,
    });
    return this.#verified(key, jsonBody(response), { sizeBytes: bytes.length, crc32c: sum });
  }

  /** Blocks are sent one behind the one that is read: the last one must be known as the last. */
  async #writeSession(
    key: ByteString,
    first: Uint8Array,
    reader: BlockReader,
    options: WriteOptions,
  ): Promise<ObjectRecord> {
    const { sizeBytes, signal } = options;
    const session = await this.#sessions.begin(key, options);
    try {
      let block = first;
      let offsetBytes = 0;
      let sum = crc32c(block);
      while (await reader.hasMore()) {
        if (sizeBytes !== undefined && offsetBytes + block.length >= sizeBytes)
          throw tooLong(this.#place.resourceOf(key), sizeBytes);
        const state = await this.#sessions.append(session, offsetBytes, block, signal);
        const keptBytes = 'keptBytes' in state ? state.keptBytes : 0;
        const unkept = block.subarray(Math.max(0, keptBytes - offsetBytes));
        if (unkept.length === block.length) throw notKept(this.#place.resourceOf(key), offsetBytes);
        const next = await reader.read(this.#limits.chunkSizeBytes - unkept.length);
        sum = crc32c(next, sum);
        offsetBytes = keptBytes;
        block = unkept.length === 0 ? next : Buffer.concat([unkept, next]);
      }
      mustBeWhole(this.#place.resourceOf(key), offsetBytes + block.length, sizeBytes);
      const end = { offsetBytes, bytes: block, crc32c: sum };
      const resource = await this.#sessions.finish(session, end, signal);
      return await this.#verified(key, resource, { sizeBytes: offsetBytes + block.length, crc32c: sum });
    } catch (error) {
      // The caller's signal may be what has failed it. What the service does not hear of now, it drops by itself after a week.
      await this.#sessions.cancel(session, AbortSignal.timeout(this.#limits.cleanupTimeoutMs)).catch(() => undefined);
      throw error;
    }
  }

  /** A server that does not look at what it was told of the object has a damaged one now: it is removed again. */
  async #verified(key: ByteString, resource: GcsResource, sent: SentObject): Promise<ObjectRecord> {
    const record = recordOf(resource, key);
    const isSame = sent.crc32c === undefined || record.crc32c === undefined || record.crc32c === sent.crc32c;
    if (isSame && record.sizeBytes === sent.sizeBytes) return record;
    await this.delete(key, AbortSignal.timeout(this.#limits.cleanupTimeoutMs), { expect: record });
    const message = `${this.#place.resourceOf(key)}: the service stored other bytes than it was sent, and removed them again`;
    throw new StatusError(Code.DATA_LOSS, message, { reason: 'OBJECT_DAMAGED' });
  }
}

function mustBeWhole(resource: string, comeBytes: number, announcedBytes: number | undefined): void {
  if (announcedBytes === undefined || comeBytes === announcedBytes) return;
  const message = `${resource}: ${comeBytes} bytes came of ${announcedBytes}`;
  throw new StatusError(Code.DATA_LOSS, message, { reason: 'OBJECT_SIZE_DIFFERS' });
}

function tooLong(resource: string, announcedBytes: number): StatusError {
  const message = `${resource}: more than the ${announcedBytes} bytes announced came`;
  return new StatusError(Code.DATA_LOSS, message, { reason: 'OBJECT_SIZE_DIFFERS' });
}

function notKept(resource: string, offsetBytes: number): StatusError {
  const message = `${resource}: the service keeps nothing of the upload behind byte ${offsetBytes}`;
  return new StatusError(Code.UNAVAILABLE, message, { reason: 'UPLOAD_INCOMPLETE' });
}
