import { crc32c } from '@node-rs/crc32';
import { createHash } from 'node:crypto';

/** Keys are byte strings, as in the engine: one character for each byte. */
export interface FakeObject {
  readonly key: string;
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modifyTimeMs: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As the service answers it, with its type. */
  readonly crc32c?: { readonly text: string; readonly type: 'FULL_OBJECT' | 'COMPOSITE' };
}

export interface FakePart {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly hasChecksum: boolean;
}

export interface FakeUpload {
  readonly id: string;
  readonly key: string;
  readonly beginTimeMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly checksumType: string | undefined;
  readonly parts: Map<number, FakePart>;
}

export class FakeS3Error extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string = code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const PART_SIZE_BYTES_MIN = 5 * 1024 * 1024;

export const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

export function crc32cText(bytes: Uint8Array): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32c(bytes));
  return sum.toString('base64');
}

/** What a bucket holds. Rules of S3 that need no HTTP are here. */
export class FakeBucket {
  readonly objects = new Map<string, FakeObject>();
  readonly uploads = new Map<string, FakeUpload>();
  #uploadCount = 0;

  begin(key: string, headers: Readonly<Record<string, string>>, checksumType: string | undefined): FakeUpload {
    const id = `upload/${(this.#uploadCount += 1)}+=`;
    const upload = { id, key, headers, checksumType, beginTimeMs: Date.now(), parts: new Map<number, FakePart>() };
    this.uploads.set(id, upload);
    return upload;
  }

  upload(id: string, key: string): FakeUpload {
    const upload = this.uploads.get(id);
    if (upload?.key !== key) throw new FakeS3Error(404, 'NoSuchUpload');
    return upload;
  }

  /** @param listed  numbers and etags, as the client lists them. */
  joined(upload: FakeUpload, listed: readonly (readonly [number, string])[]): FakeObject {
    const parts = listed.map(([number, etag]) => {
      const part = upload.parts.get(number);
      if (part?.etag !== etag) throw new FakeS3Error(400, 'InvalidPart');
      return part;
    });
    if (listed.some(([number], index) => number <= (listed[index - 1]?.[0] ?? 0))) {
      throw new FakeS3Error(400, 'InvalidPartOrder');
    }
    if (parts.length === 0) throw new FakeS3Error(400, 'MalformedXML');
    if (parts.slice(0, -1).some(({ bytes }) => bytes.length < PART_SIZE_BYTES_MIN)) {
      throw new FakeS3Error(400, 'EntityTooSmall');
    }
    const bytes = Buffer.concat(parts.map((part) => part.bytes));
    const md5s = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex')));
    return {
      key: upload.key,
      bytes,
      etag: `${md5Of(md5s)}-${parts.length}`,
      modifyTimeMs: Date.now(),
      headers: upload.headers,
      ...checksumOf(upload, parts, bytes),
    };
  }
}

function checksumOf(upload: FakeUpload, parts: readonly FakePart[], bytes: Buffer): Pick<FakeObject, 'crc32c'> {
  if (upload.checksumType === 'FULL_OBJECT') return { crc32c: { text: crc32cText(bytes), type: 'FULL_OBJECT' } };
  if (upload.checksumType === undefined || !parts.every(({ hasChecksum }) => hasChecksum)) return {};
  const sums = Buffer.concat(parts.map((part) => Buffer.from(crc32cText(part.bytes), 'base64')));
  return { crc32c: { text: `${crc32cText(sums)}-${parts.length}`, type: 'COMPOSITE' } };
}
