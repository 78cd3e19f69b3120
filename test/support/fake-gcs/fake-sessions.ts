import type { FakeAnswer, FakeRequest } from '../scripted-server.ts';
import {
  crc32cText,
  FakeGcsError,
  hideAcl,
  type FakeBucket,
  type FakeMetadata,
  type FakeResource,
} from './fake-bucket.ts';

/** "The chunk size should be a multiple of 256 KiB": what is over is not kept, unless it is the end. */
const GRAIN_BYTES = 256 * 1024;

interface Session {
  readonly bucket: FakeBucket;
  readonly name: string;
  readonly metadata: FakeMetadata;
  readonly precondition: URLSearchParams;
  readonly announcedBytes: number | undefined;
  bytes: Buffer;
  finished?: FakeResource;
}

/** Resumable uploads: sessions that take chunks in order, and end with the last byte. */
export class FakeSessions {
  /** Of a chunk that is not the last, only so many bytes are kept: clients must read what the answer says. */
  keptBytesMax = Infinity;
  readonly #sessions = new Map<string, Session>();
  #count = 0;

  get openCount(): number {
    return [...this.#sessions.values()].filter(({ finished }) => finished === undefined).length;
  }

  begin(bucket: FakeBucket, { query, headers, body }: FakeRequest, origin: string): FakeAnswer {
    const metadata = (body.length === 0 ? {} : JSON.parse(body.toString())) as FakeMetadata;
    const name = query.get('name') ?? metadata.name ?? '';
    const announced = headers['x-upload-content-length'];
    const kms = query.get('kmsKeyName');
    const id = `session-${(this.#count += 1)}`;
    this.#sessions.set(id, {
      bucket,
      name,
      metadata: {
        ...(headers['x-upload-content-type'] === undefined ? {} : { contentType: headers['x-upload-content-type'] }),
        ...metadata,
        ...(kms === null ? {} : { kmsKeyName: kms }),
      },
      precondition: query,
      announcedBytes: announced === undefined ? undefined : Number(announced),
      bytes: Buffer.alloc(0),
    });
    const location = `${origin}/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&upload_id=${id}`;
    return { status: 200, headers: { location } };
  }

  /** 499: the upload was cancelled, as it was asked. */
  cancel({ query }: FakeRequest): FakeAnswer {
    const id = query.get('upload_id') ?? '';
    if (this.#get(id).finished !== undefined) throw new FakeGcsError(404, 'notFound', 'the upload is complete');
    this.#sessions.delete(id);
    return { status: 499 };
  }

  put({ query, headers, body }: FakeRequest): FakeAnswer {
    const session = this.#get(query.get('upload_id') ?? '');
    if (session.finished !== undefined) return { status: 200, body: JSON.stringify(session.finished, hideAcl) };
    const { startBytes, totalBytes } = rangeOf(headers['content-range'] ?? '', body.length);
    if (startBytes !== undefined) {
      const isLast = totalBytes !== undefined;
      session.bytes = appended(session.bytes, { startBytes, body, isLast, keptBytesMax: this.keptBytesMax });
    }
    if (totalBytes !== undefined && session.bytes.length === totalBytes) return finish(session, headers['x-goog-hash']);
    const end = session.bytes.length;
    return { status: 308, headers: end === 0 ? {} : { range: `bytes=0-${end - 1}` } };
  }

  #get(id: string): Session {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new FakeGcsError(404, 'notFound', 'there is no such upload');
    return session;
  }
}

/** Of `bytes FIRST-LAST/TOTAL`: first and last, or total, may be `*`; `FIRST-*` goes to the end, wherever that is. */
function rangeOf(text: string, length: number): { readonly startBytes?: number; readonly totalBytes?: number } {
  const [, first, last, total] = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(text || `bytes 0-*/*`) ?? [];
  if (total === undefined) throw new FakeGcsError(400, 'invalid', `Content-Range: ${text}`);
  if (first !== undefined && last === '*') return { startBytes: Number(first), totalBytes: Number(first) + length };
  if (first !== undefined && Number(last) - Number(first) + 1 !== length) {
    throw new FakeGcsError(400, 'invalid', `Content-Range: ${text} with ${length} bytes`);
  }
  return {
    ...(first === undefined ? {} : { startBytes: Number(first) }),
    ...(total === '*' ? {} : { totalBytes: Number(total) }),
  };
}

/** What is there already is not looked at again; what is over a multiple of the grain is dropped where more is to come. */
function appended(
  bytes: Buffer,
  {
    startBytes,
    body,
    isLast,
    keptBytesMax,
  }: { startBytes: number; body: Buffer; isLast: boolean; keptBytesMax: number },
): Buffer {
  if (startBytes > bytes.length) throw new FakeGcsError(400, 'invalid', 'Content-Range: it leaves a hole');
  const rest = body.subarray(bytes.length - startBytes);
  if (isLast) return Buffer.concat([bytes, rest]);
  const keptBytes = Math.min(rest.length, keptBytesMax);
  const overBytes = (bytes.length + keptBytes) % GRAIN_BYTES;
  return Buffer.concat([bytes, rest.subarray(0, Math.max(0, keptBytes - overBytes))]);
}

function finish(session: Session, hash: string | undefined): FakeAnswer {
  const { bucket, name, bytes, metadata, precondition, announcedBytes } = session;
  if (announcedBytes !== undefined && announcedBytes !== bytes.length) {
    throw new FakeGcsError(400, 'invalid', `${bytes.length} bytes came of ${announcedBytes}`);
  }
  const told = /crc32c=([^,]+)/.exec(hash ?? '')?.[1];
  if (told !== undefined && told !== crc32cText(bytes)) {
    throw new FakeGcsError(400, 'invalid', `Provided CRC32C "${told}" doesn't match calculated CRC32C`);
  }
  session.finished = bucket.put(name, bytes, metadata, precondition).resource;
  return { status: 200, body: JSON.stringify(session.finished, hideAcl) };
}
