import { isUtf8 } from 'node:buffer';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { byteStringOf, displayText, toBytes, type ByteString } from '../../transfers/byte-string.ts';

export interface AzureLocation {
  /** Such as `https://account.blob.core.windows.net`; an emulator's has the account as its path. */
  readonly endpoint: string;
  readonly container: string;
  /** What the names of all blobs of the store begin with: empty, or with a '/' at its end. */
  readonly path: string;
}

/** "A blob name must be at least one character long and cannot be more than 1,024 characters long" */
const NAME_LENGTH_MAX = 1024;

/** A character has three bytes at most, as those of four count as two. */
export const NAME_BYTES_MAX = 3 * NAME_LENGTH_MAX;

/** What a URL's path cannot hold without becoming another one, and what no header or XML can. */
// eslint-disable-next-line no-control-regex -- these are what it is about
const UNUSABLE = /(^|\/)\.{1,2}(\/|$)|[\0-\x1f\x7f\\]/;

/** The part of a container that a store is, and the targets of requests about it. */
export class AzurePlace {
  readonly origin: string;
  /** Of the store itself, for messages. */
  readonly resource: string;
  /** Of the names that the container has for the store's prefix. */
  readonly #path: ByteString;
  readonly #containerPath: string;

  constructor({ endpoint, container, path }: AzureLocation) {
    const { origin, pathname } = new URL(endpoint);
    this.origin = origin;
    this.#containerPath = `${pathname.replace(/\/$/, '')}/${encodeURIComponent(container)}`;
    this.resource = `${origin}${this.#containerPath}/${path}`;
    this.#path = byteStringOf(path);
  }

  /** For messages. */
  resourceOf(key: ByteString): string {
    return this.resource + displayText(key);
  }

  /** Path of a blob, encoded. @throws StatusError INVALID_ARGUMENT for a key that no blob can have. */
  blobPath(key: ByteString): string {
    const bytes = toBytes(this.#path + key);
    const name = bytes.toString();
    if (!isUtf8(bytes) || name === '' || name.length > NAME_LENGTH_MAX || UNUSABLE.test(name)) {
      const rule =
        'names of blobs are 1 to 1024 characters of UTF-8 without control characters, backslashes and dot segments';
      throw new StatusError(Code.INVALID_ARGUMENT, `${displayText(key)}: ${rule}`, { reason: 'OBJECT_NAME_UNUSABLE' });
    }
    return `${this.#containerPath}/${name.split('/').map(encodeURIComponent).join('/')}`;
  }

  /** Of the whole name. */
  nameBytesOf(key: ByteString): number {
    return this.#path.length + key.length;
  }

  get containerPath(): string {
    return this.#containerPath;
  }

  /** undefined for what lies outside, and for the blob that stands for the path itself. */
  keyOf(name: ByteString): ByteString | undefined {
    return name.length > this.#path.length && name.startsWith(this.#path) ? name.slice(this.#path.length) : undefined;
  }

  /** The longest text that the names behind a key prefix begin with: a prefix may end within a character. */
  nameFloor(keyPrefix: ByteString): string {
    const bytes = toBytes(this.#path + keyPrefix);
    let length = bytes.length;
    while (!isUtf8(bytes.subarray(0, length))) length -= 1;
    return bytes.toString('utf8', 0, length);
  }
}
