import { isUtf8 } from 'node:buffer';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { byteStringOf, displayText, toBytes, type ByteString } from '../../transfers/byte-string.ts';

export interface GcsLocation {
  readonly bucket: string;
  /** What the names of all objects of the store begin with: empty, or with a '/' at its end. */
  readonly path: string;
  /** Scheme, host and port; default is Google's own. */
  readonly endpoint?: string;
}

type Query = Readonly<Record<string, string | undefined>>;

const GOOGLE_ENDPOINT = 'https://storage.googleapis.com';

/** The part of a bucket that a store is, and the targets of requests about it. */
export class GcsPlace {
  readonly origin: string;
  readonly bucket: string;
  /** Of the store itself, for messages: `gs://bucket/path/`. */
  readonly resource: string;
  readonly #path: ByteString;

  constructor({ bucket, path, endpoint = GOOGLE_ENDPOINT }: GcsLocation) {
    this.origin = new URL(endpoint).origin;
    this.bucket = bucket;
    this.resource = `gs://${bucket}/${path}`;
    this.#path = byteStringOf(path);
  }

  /** An object's name. @throws StatusError INVALID_ARGUMENT for a key that no object can have. */
  nameOf(key: ByteString): string {
    const bytes = toBytes(this.#path + key);
    const name = bytes.toString();
    if (isUtf8(bytes) && !UNUSABLE.test(name) && bytes.length <= NAME_SIZE_BYTES_MAX) return name;
    const rule = 'names of objects are 1 to 1024 bytes of UTF-8 without line breaks, and not "." or ".."';
    throw new StatusError(Code.INVALID_ARGUMENT, `${displayText(key)}: ${rule}`, { reason: 'OBJECT_NAME_UNUSABLE' });
  }

  /** undefined for what lies outside, and for the object that stands for the path itself. */
  keyOf(name: string): ByteString | undefined {
    const whole = byteStringOf(name);
    return whole.length > this.#path.length && whole.startsWith(this.#path)
      ? whole.slice(this.#path.length)
      : undefined;
  }

  /** The longest text that the names behind a key prefix begin with: a prefix may end within a character, or be none of UTF-8. */
  nameFloor(keyPrefix: ByteString): string {
    const bytes = toBytes(this.#path + keyPrefix);
    let length = bytes.length;
    while (!isUtf8(bytes.subarray(0, length))) length -= 1;
    return bytes.toString('utf8', 0, length);
  }

  /** Of the whole name. */
  nameBytesOf(key: ByteString): number {
    return this.#path.length + key.length;
  }

  /** For messages. */
  resourceOf(key: ByteString): string {
    return this.resource + displayText(key);
  }

  bucketTarget(query: Query): string {
    return `/storage/v1/b/${encodeURIComponent(this.bucket)}${queryText(query)}`;
  }

  listTarget(query: Query): string {
    return `/storage/v1/b/${encodeURIComponent(this.bucket)}/o${queryText(query)}`;
  }

  objectTarget(name: string, query: Query): string {
    return `/storage/v1/b/${encodeURIComponent(this.bucket)}/o/${encodeURIComponent(name)}${queryText(query)}`;
  }

  uploadTarget(query: Query): string {
    return `/upload/storage/v1/b/${encodeURIComponent(this.bucket)}/o${queryText(query)}`;
  }

  rewriteTarget(name: string, sink: { readonly bucket: string; readonly name: string }, query: Query): string {
    const to = `b/${encodeURIComponent(sink.bucket)}/o/${encodeURIComponent(sink.name)}`;
    return `${this.objectTarget(name, {})}/rewriteTo/${to}${queryText(query)}`;
  }
}

/** "Object names … cannot contain Carriage Return or Line Feed characters", "cannot be named . or .." (Cloud Storage, "About objects"). */
const UNUSABLE = /[\r\n]|^\.{1,2}$|^$/;
export const NAME_SIZE_BYTES_MAX = 1024;

function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}
