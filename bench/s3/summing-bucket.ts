import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { crc32c } from '@node-rs/crc32';
import { combineCrc32c } from '../../src/transfers/object-copy/crc32c-combine.ts';
import { document, element, uploadsDocument } from '../../test/support/fake-s3/documents.ts';
import { answer, drain, refuse, type S3Request } from './s3-request.ts';

/** What is known of bytes that are not kept. */
export interface Sum {
  readonly sizeBytes: number;
  readonly crc32c: number;
}

interface SummedObject extends Sum {
  readonly etag: string;
  /** Of `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface OpenUpload {
  readonly metadata: SummedObject['metadata'];
  readonly parts: Map<number, Sum>;
}

/**
 * A bucket to be written: of each object its length and its crc32c are kept, and its metadata. Listings are empty, as if everything
 * were written for the first time; HEAD tells of what has come, as some look whether it has.
 */
export class SummingBucket {
  readonly #objects = new Map<string, SummedObject>();
  readonly #uploads = new Map<string, OpenUpload>();
  #uploadCount = 0;

  /** What has come below a prefix, by the rest of its key; it is forgotten. @throws Error when an upload was left open. */
  take(prefix: string): ReadonlyMap<string, Sum> {
    if (this.#uploads.size > 0) throw new Error(`${String(this.#uploads.size)} uploads were left behind`);
    const taken = [...this.#objects].filter(([key]) => key.startsWith(prefix));
    for (const [key] of taken) this.#objects.delete(key);
    return new Map(
      taken.map(([key, { sizeBytes, crc32c: sum }]) => [key.slice(prefix.length), { sizeBytes, crc32c: sum }]),
    );
  }

  async answer(request: S3Request): Promise<void> {
    const { method, key, query, message } = request;
    // Its framing would be counted as content.
    if (message.headers['content-encoding']?.includes('aws-chunked') === true) {
      message.resume();
      refuse(request, 501, 'NotImplemented');
    } else if (method === 'PUT' && key !== '') {
      await (query.has('uploadId') ? this.#putPart(request) : this.#put(request));
    } else {
      await drain(message);
      if (key === '') answerBucket(request);
      else this.#answerObject(request);
    }
  }

  #answerObject(request: S3Request): void {
    const { method, query } = request;
    if (method === 'HEAD') this.#head(request);
    else if (method === 'POST' && query.has('uploads')) this.#begin(request);
    else if (method === 'POST' && query.has('uploadId')) this.#complete(request);
    else if (method === 'DELETE') this.#delete(request);
    else refuse(request, 501, 'NotImplemented');
  }

  #head(request: S3Request): void {
    const object = this.#objects.get(request.key);
    if (object === undefined) {
      refuse(request, 404, 'NoSuchKey');
      return;
    }
    const { sizeBytes, etag, metadata } = object;
    const headers = {
      'content-length': String(sizeBytes),
      etag,
      'last-modified': new Date().toUTCString(),
      ...metadata,
    };
    answer(request, 200, { headers });
  }

  async #put(request: S3Request): Promise<void> {
    const { key, message } = request;
    const md5 = createHash('md5');
    const sum = await sumOf(message, (chunk) => md5.update(chunk));
    if (message.headers['if-none-match'] === '*' && this.#objects.has(key)) {
      refuse(request, 412, 'PreconditionFailed');
      return;
    }
    // As S3 does, and as some compare.
    const etag = `"${md5.digest('hex')}"`;
    this.#objects.set(key, { ...sum, etag, metadata: metadataOf(message.headers) });
    answer(request, 200, { headers: { etag } });
  }

  #begin(request: S3Request): void {
    const id = `upload-${String((this.#uploadCount += 1))}`;
    this.#uploads.set(id, { metadata: metadataOf(request.message.headers), parts: new Map() });
    const text = document('InitiateMultipartUploadResult', element('Key', request.key), element('UploadId', id));
    answer(request, 200, { text });
  }

  async #putPart(request: S3Request): Promise<void> {
    const upload = this.#uploads.get(request.query.get('uploadId') ?? '');
    const sum = await sumOf(request.message);
    upload?.parts.set(Number(request.query.get('partNumber')), sum);
    if (upload === undefined) refuse(request, 404, 'NoSuchUpload');
    else answer(request, 200, { headers: { etag: `"${sum.crc32c.toString(16)}"` } });
  }

  #complete(request: S3Request): void {
    const id = request.query.get('uploadId') ?? '';
    const upload = this.#uploads.get(id);
    if (upload === undefined) {
      refuse(request, 404, 'NoSuchUpload');
      return;
    }
    this.#uploads.delete(id);
    const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, sum]) => sum);
    const etag = `"${id}-${String(parts.length)}"`;
    this.#objects.set(request.key, { ...joined(parts), etag, metadata: upload.metadata });
    const text = document('CompleteMultipartUploadResult', element('Key', request.key), element('ETag', etag));
    answer(request, 200, { text });
  }

  #delete(request: S3Request): void {
    const id = request.query.get('uploadId');
    if (id === null) this.#objects.delete(request.key);
    else this.#uploads.delete(id);
    answer(request, 204);
  }
}

function answerBucket(request: S3Request): void {
  const { method, query } = request;
  if (method !== 'GET') answer(request, 200);
  else if (query.has('uploads')) answer(request, 200, { text: uploadsDocument('bucket', [], undefined) });
  else
    answer(request, 200, { text: document('ListBucketResult', element('KeyCount', 0), element('IsTruncated', false)) });
}

async function sumOf(message: IncomingMessage, take: (chunk: Buffer) => void = () => undefined): Promise<Sum> {
  let sizeBytes = 0;
  let sum = 0;
  await drain(message, (chunk) => {
    sizeBytes += chunk.length;
    sum = crc32c(chunk, sum);
    take(chunk);
  });
  return { sizeBytes, crc32c: sum };
}

function joined(parts: readonly Sum[]): Sum {
  return parts.reduce(
    (whole, part) => ({
      sizeBytes: whole.sizeBytes + part.sizeBytes,
      crc32c: combineCrc32c(whole.crc32c, part.crc32c, part.sizeBytes),
    }),
    { sizeBytes: 0, crc32c: 0 },
  );
}

function metadataOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
