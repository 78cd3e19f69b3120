import { hash } from 'node:crypto';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import { isSameTime } from '../../transfers/delta.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type {
  DeleteOptions,
  ListNote,
  ListOptions,
  ListPage,
  ObjectStore,
  ReadOptions,
  StoreCapabilities,
  WriteOptions,
} from '../../transfers/object-store.ts';
import { withNotes } from '../../transfers/selection/with-notes.ts';
import { bodyParts } from '../s3/body-parts.ts';
import { writeInParts } from '../s3/write-in-parts.ts';
import { expectedSizeOf } from '../web/expected-size.ts';
import { ListingProgress } from '../web/listing-progress.ts';
import { listedFailure } from '../web/listed-failure.ts';
import { rangeStartOf } from '../web/range-start.ts';
import type { StreamedResponse } from '../web/web-request.ts';
import { metadataHeaders, preconditionHeaders, quoted, recordOf } from './azure-headers.ts';
import { AzurePlace, NAME_BYTES_MAX, type AzureLocation } from './azure-place.ts';
import type { AzureService } from './azure-service.ts';
import { AzureUploads } from './azure-uploads.ts';
import type { AzureLimits } from './limits.ts';
import { readAzureListPage } from './list-page.ts';

export interface AzureStoreOptions {
  /** At the location's endpoint; belongs to its owner. */
  readonly service: AzureService;
  readonly location: AzureLocation;
  readonly limits: AzureLimits;
  /** Whether the service is known to list in the order of UTF-8 bytes; default false: Azurite orders by UTF-16. */
  readonly listsInByteOrder?: boolean;
}

type Expected = NonNullable<ReadOptions['expect']>;

/** Last-Modified has seconds. */
const TIME_GRAIN_MS = 1000;

/** Block blobs of a container of Azure Blob Storage, or those below a path in one. */
export class AzureStore implements ObjectStore {
  readonly capabilities: StoreCapabilities;
  readonly uploads: AzureUploads;
  readonly #service: AzureService;
  readonly #place: AzurePlace;
  readonly #limits: AzureLimits;

  constructor({ service, location, limits, listsInByteOrder = false }: AzureStoreOptions) {
    this.#service = service;
    this.#place = new AzurePlace(location);
    this.#limits = limits;
    const stat = this.stat.bind(this);
    this.uploads = new AzureUploads({ service, place: this.#place, limits, stat });
    this.capabilities = {
      listsInByteOrder,
      acceptsAnyBytes: false,
      hasDirectories: false,
      modifyTimeGrainMs: TIME_GRAIN_MS,
      hasAttributes: false,
      hasLinks: false,
      hasMetadata: true,
      assignsModifyTime: true,
      listsMetadata: true,
      preconditions: ['absent', 'etag'],
    };
  }

  async stat(key: ByteString, signal: AbortSignal): Promise<ObjectRecord | undefined> {
    const request = {
      method: 'HEAD',
      path: this.#place.blobPath(key),
      resource: this.#place.resourceOf(key),
      signal,
    } as const;
    const response = await this.#service.send(request, [404]);
    return response.status === 404 ? undefined : recordOf(key, response);
  }

  async *list(prefix: ByteString, { startAfter, signal }: ListOptions): AsyncGenerator<ListPage> {
    const { containerPath: path, resource } = this.#place;
    const progress = new ListingProgress(resource);
    let marker: string | undefined;
    do {
      signal.throwIfAborted();
      const query = {
        restype: 'container',
        comp: 'list',
        include: 'metadata',
        prefix: this.#place.nameFloor(prefix),
        maxresults: String(this.#limits.listPageCountMax),
        ...(marker === undefined ? {} : { marker }),
      };
      const response = await this.#service.send({ method: 'GET', path, query, resource, signal });
      const { records, nextMarker } = readAzureListPage(response.bytes, resource);
      if (nextMarker !== undefined) progress.goesOn(nextMarker, records.at(-1)?.key);
      const page = this.#page(records, prefix, startAfter);
      if (page.keys.length + page.notes.length > 0) yield page;
      marker = nextMarker;
    } while (marker !== undefined);
  }

  async *read(key: ByteString, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const { lengthBytes, expect, onRecord, signal } = options;
    const told = (record: ObjectRecord | undefined): void => {
      if (record === undefined) throw this.#failure(key, Code.NOT_FOUND, 'OBJECT_NOT_FOUND', 'it is not there');
      this.#mustBe(record, expect);
      onRecord?.(record);
    };
    const response = lengthBytes === 0 ? undefined : await this.#open(key, options);
    if (response?.body === undefined) {
      // Nothing of it lies within the range: the service then tells nothing of the blob.
      told(await this.stat(key, signal));
      return;
    }
    try {
      const record = recordOf(key, response);
      told(record);
      if ((rangeStartOf(response) ?? 0) !== (options.offsetBytes ?? 0))
        throw this.#failure(key, Code.UNAVAILABLE, 'ANSWER_UNEXPECTED', 'another range came than was asked for');
      yield* this.#whole(key, response, options, record);
    } finally {
      response.body.discard();
    }
  }

  async write(key: ByteString, body: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<ObjectRecord> {
    const { sizeBytes, signal } = options;
    signal.throwIfAborted();
    const partSizeBytes = Math.max(
      this.#limits.singleRequestSizeBytesMax,
      Math.ceil((sizeBytes ?? 0) / this.uploads.rules.partCountMax),
    );
    const resource = this.#place.resourceOf(key);
    const parts = bodyParts(body, {
      partSizeBytes,
      resource,
      signal,
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
    });
    const { value: first = Buffer.alloc(0) } = (await parts.next()) as IteratorResult<Buffer, undefined>;
    const second = (await parts.next()) as IteratorResult<Buffer, undefined>;
    if (second.done === true) return this.#put(key, first, options);
    const rest = { first, second: second.value, parts };
    return writeInParts({ uploads: this.uploads, key, rest, options, cleanUpTimeoutMs: this.#limits.cleanupTimeoutMs });
  }

  async delete(key: ByteString, signal: AbortSignal, { expect }: DeleteOptions = {}): Promise<boolean> {
    const etag = expect === undefined ? undefined : (expect.etag ?? (await this.#pin(key, expect, signal)));
    if (expect !== undefined && etag === undefined) return false;
    const headers = etag === undefined ? {} : { 'if-match': quoted(etag) };
    const path = this.#place.blobPath(key);
    const request = { method: 'DELETE', path, headers, resource: this.#place.resourceOf(key), signal } as const;
    const { status } = await this.#service.send(request, etag === undefined ? [404] : [404, 412]);
    if (status !== 412) return status !== 404;
    // A blob that is not there does not match either.
    if ((await this.stat(key, signal)) === undefined) return false;
    throw this.#changed(key);
  }

  /** What it is made of belongs to others. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  async #put(
    key: ByteString,
    bytes: Uint8Array,
    { metadata, precondition, signal }: WriteOptions,
  ): Promise<ObjectRecord> {
    const md5 = hash('md5', bytes, 'buffer');
    const response = await this.#service.send({
      method: 'PUT',
      path: this.#place.blobPath(key),
      headers: {
        'x-ms-blob-type': 'BlockBlob',
        'content-md5': md5.toString('base64'),
        ...metadataHeaders(metadata),
        ...preconditionHeaders(precondition),
      },
      body: bytes,
      resource: this.#place.resourceOf(key),
      signal,
    });
    const told = recordOf(key, response);
    return { ...told, sizeBytes: bytes.length, md5: md5.toString('hex'), metadata: metadata ?? { custom: {} } };
  }

  #open(key: ByteString, options: ReadOptions): Promise<StreamedResponse> {
    const { offsetBytes = 0, lengthBytes, expect, signal } = options;
    const isWhole = offsetBytes === 0 && lengthBytes === undefined;
    const last = lengthBytes === undefined || lengthBytes === Infinity ? '' : offsetBytes + lengthBytes - 1;
    const headers = {
      ...(isWhole ? {} : { range: `bytes=${offsetBytes}-${last}` }),
      ...(expect?.etag === undefined ? {} : { 'if-match': quoted(expect.etag) }),
    };
    const resource = this.#place.resourceOf(key);
    const expectedSizeBytes = expectedSizeOf(options);
    const path = this.#place.blobPath(key);
    return this.#service.open({ method: 'GET', path, headers, resource, expectedSizeBytes, signal }, [416]);
  }

  async *#whole(
    key: ByteString,
    response: StreamedResponse,
    { offsetBytes = 0, lengthBytes = Infinity }: ReadOptions,
    { sizeBytes }: ObjectRecord,
  ): AsyncGenerator<Uint8Array> {
    let comeBytes = 0;
    for await (const chunk of response.body ?? []) {
      comeBytes += chunk.length;
      yield chunk;
    }
    const wantedBytes = Math.min(lengthBytes, sizeBytes - offsetBytes);
    if (comeBytes === wantedBytes) return;
    throw this.#failure(key, Code.UNAVAILABLE, 'ANSWER_UNEXPECTED', `${comeBytes} bytes came of ${wantedBytes}`);
  }

  async #pin(key: ByteString, expect: Expected, signal: AbortSignal): Promise<string | undefined> {
    const found = await this.stat(key, signal);
    if (found !== undefined) this.#mustBe(found, expect);
    return found?.etag;
  }

  #mustBe(found: ObjectRecord, expect: Expected | undefined): void {
    if (expect === undefined) return;
    const isSame =
      expect.etag === undefined
        ? isSameTime(found.modifyTimeMs, expect.modifyTimeMs, TIME_GRAIN_MS)
        : found.etag === expect.etag;
    if (isSame && found.sizeBytes === expect.sizeBytes) return;
    throw this.#changed(found.key);
  }

  /** List Blobs begins at the beginning: what should have been left out is left out here. */
  #page(records: readonly ObjectRecord[], prefix: ByteString, startAfter: ByteString | undefined): ListPage {
    const wanted = records.flatMap((record): ObjectRecord[] => {
      const key = this.#place.keyOf(record.key);
      const isWanted = key?.startsWith(prefix) === true && (startAfter === undefined || key > startAfter);
      return isWanted ? [{ ...record, key }] : [];
    });
    const rules = { resource: this.#place.resource, nameBytesMax: NAME_BYTES_MAX };
    const notes = wanted.flatMap(({ key, sizeBytes }): ListNote[] => {
      const note = listedFailure({ key, nameBytes: this.#place.nameBytesOf(key), sizeBytes }, rules);
      return note === undefined ? [] : [note];
    });
    const column = <T>(value: (record: ObjectRecord) => T): readonly T[] => wanted.map(value);
    const page: ListPage = {
      keys: column(({ key }) => key),
      sizesBytes: column(({ sizeBytes }) => sizeBytes),
      modifyTimesMs: column(({ modifyTimeMs }) => modifyTimeMs),
      md5s: column(({ md5 }) => md5),
      etags: column(({ etag }) => etag),
      metadata: column(({ metadata }) => metadata),
      notes: [],
      noteIndexes: [],
    };
    return withNotes(page, notes);
  }

  #changed(key: ByteString): StatusError {
    const detail = 'it is not the object that was expected any more';
    return this.#failure(key, Code.FAILED_PRECONDITION, 'OBJECT_CHANGED', detail);
  }

  #failure(key: ByteString, code: Code, reason: string, detail: string): StatusError {
    return new StatusError(code, `${this.#place.resourceOf(key)}: ${detail}`, { reason });
  }
}
