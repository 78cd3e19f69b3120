import { crc32c } from '@node-rs/crc32';
import { hash } from 'node:crypto';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, toByteString, type ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type {
  BeginUploadOptions,
  CompleteUploadOptions,
  ObjectUploads,
  Upload,
  UploadPart,
  UploadRules,
} from '../../transfers/object-uploads.ts';
import { scanXml, type ElementVisitor } from '../web/scan-xml.ts';
import { metadataHeaders, preconditionHeaders } from './azure-headers.ts';
import type { AzurePlace } from './azure-place.ts';
import type { AzureService } from './azure-service.ts';
import { blockId, newUploadId, parseUploadId } from './azure-upload-id.ts';
import type { AzureLimits } from './limits.ts';

export interface AzureUploadsOptions {
  readonly service: AzureService;
  readonly place: AzurePlace;
  readonly limits: AzureLimits;
  readonly stat: (key: ByteString, signal: AbortSignal) => Promise<ObjectRecord | undefined>;
}

interface Part {
  readonly index: number;
  readonly offsetBytes: number;
  readonly bytes: Uint8Array;
}

const MIB = 1024 * 1024;

/**
 * Blocks as parts, committed by a list of them.
 *
 * Azure can drop uncommitted blocks only by writing their blob; so an aborted upload is left to the service, which forgets it after
 * a week, or as soon as the blob is written. Nobody sees its blocks.
 */
export class AzureUploads implements ObjectUploads {
  readonly rules: UploadRules = {
    partSizeBytesMin: 1,
    partSizeBytesMax: 4000 * MIB,
    partSizeGrainBytes: 1,
    partCountMax: 50_000,
    isSequential: false,
  };
  readonly #options: AzureUploadsOptions;
  readonly #aborted = new Set<string>();

  constructor(options: AzureUploadsOptions) {
    this.#options = options;
  }

  begin(key: ByteString, { metadata, signal }: BeginUploadOptions): Promise<Upload> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return Promise.resolve({ key, id: newUploadId(metadata) });
  }

  async putPart(upload: Upload, { index, offsetBytes, bytes }: Part, signal: AbortSignal): Promise<UploadPart> {
    const { service, place } = this.#options;
    this.#mustBeKnown(upload);
    const id = blockId(parseUploadId(upload.id), index);
    await service.send({
      method: 'PUT',
      path: place.blobPath(upload.key),
      query: { comp: 'block', blockid: id },
      headers: { 'content-md5': hash('md5', bytes, 'base64') },
      body: bytes,
      resource: place.resourceOf(upload.key),
      signal,
    });
    return { index, offsetBytes, sizeBytes: bytes.length, crc32c: crc32c(bytes), etag: id };
  }

  /** Each block was checked by its MD5; the service has no checksum of the whole to compare. */
  async complete(
    upload: Upload,
    parts: readonly UploadPart[],
    { precondition, signal }: CompleteUploadOptions,
  ): Promise<ObjectRecord> {
    const { service, place, stat } = this.#options;
    this.#mustBeKnown(upload);
    const { metadata } = parseUploadId(upload.id);
    try {
      await service.send({
        method: 'PUT',
        path: place.blobPath(upload.key),
        query: { comp: 'blocklist' },
        headers: { ...metadataHeaders(metadata), ...preconditionHeaders(precondition) },
        body: blockList(parts),
        resource: place.resourceOf(upload.key),
        signal,
      });
    } catch (error) {
      // After a lost answer the blob is there, and stands in the way of its own precondition.
      if (!(await this.#isCommitted(upload, parts, error, signal))) throw error;
    }
    const record = await stat(upload.key, signal);
    if (record !== undefined) return record;
    const text = `${place.resourceOf(upload.key)}: somebody deleted it as soon as it was there`;
    throw new StatusError(Code.FAILED_PRECONDITION, text, { reason: 'OBJECT_CHANGED' });
  }

  async abort(upload: Upload, signal: AbortSignal): Promise<boolean> {
    if (this.#aborted.has(upload.id)) return false;
    const { token } = parseUploadId(upload.id);
    const blocks = await this.#blocks(upload.key, 'uncommitted', signal);
    this.#aborted.add(upload.id);
    for (const oldest of this.#aborted) {
      if (this.#aborted.size <= this.#options.limits.abortedUploadCountMax) break;
      this.#aborted.delete(oldest);
    }
    return blocks.some((id) => Buffer.from(id, 'base64').toString().startsWith(token));
  }

  async #isCommitted(
    upload: Upload,
    parts: readonly UploadPart[],
    error: unknown,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (!(error instanceof StatusError) || error.code !== Code.FAILED_PRECONDITION) return false;
    const blocks = await this.#blocks(upload.key, 'committed', signal);
    return (
      parts.length > 0 && blocks.length === parts.length && parts.every(({ etag }, index) => etag === blocks[index])
    );
  }

  /** Get Block List; none where there is no blob. */
  async #blocks(key: ByteString, kind: 'committed' | 'uncommitted', signal: AbortSignal): Promise<readonly string[]> {
    const { service, place } = this.#options;
    const resource = place.resourceOf(key);
    const query = { comp: 'blocklist', blocklisttype: kind };
    const response = await service.send({ method: 'GET', path: place.blobPath(key), query, resource, signal }, [404]);
    const ids: string[] = [];
    if (response.status === 404) return ids;
    const visit: ElementVisitor = (element, text) => {
      if (element === 'Name') ids.push(text);
    };
    scanXml(toByteString(response.bytes), resource, visit, 'BlockList');
    return ids;
  }

  #mustBeKnown({ key, id }: Upload): void {
    if (!this.#aborted.has(id)) return;
    const text = `${displayText(key)}: the store does not know this upload, it was completed or aborted`;
    throw new StatusError(Code.NOT_FOUND, text, { reason: 'UPLOAD_UNKNOWN' });
  }
}

function blockList(parts: readonly UploadPart[]): Buffer {
  const blocks = parts.map(({ etag }) => `<Latest>${etag}</Latest>`);
  return Buffer.from(`<?xml version="1.0" encoding="utf-8"?><BlockList>${blocks.join('')}</BlockList>`);
}
