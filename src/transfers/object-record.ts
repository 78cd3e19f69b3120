import type { ByteString } from './byte-string.ts';
import type { ObjectMetadata } from './object-metadata.ts';
import type { FileAttributes } from './posix-metadata.ts';

export interface ObjectRecord {
  readonly key: ByteString;
  readonly sizeBytes: number;
  /** Since the Unix epoch, with a fraction down to the microsecond. */
  readonly modifyTimeMs: number;
  /** crc32c of the whole object where the store has it without reading. */
  readonly crc32c?: number;
  /** MD5 of the whole object, 32 lower-case hex digits, where the store has it without reading. */
  readonly md5?: string;
  /** Another one for each replacement of the object, opaque: an ETag, a generation. What preconditions compare. */
  readonly etag?: string;
  /** When it was first written, where the store tells that apart from its last change. Since the Unix epoch. */
  readonly createTimeMs?: number;
  /** Of the file, where StoreCapabilities.hasAttributes says so; stat() and ReadOptions.onRecord tell it. */
  readonly attributes?: FileAttributes;
  /** Of a symbolic link, where the store takes links for objects: the target is its content, too. */
  readonly linkTarget?: ByteString;
  /** stat() and ReadOptions.onRecord tell it where the store has it. */
  readonly metadata?: ObjectMetadata;
}

/** What must hold at the sink at the instant of a write; FAILED_PRECONDITION (reason OBJECT_CHANGED) when it does not. */
export type WritePrecondition = { readonly kind: 'absent' } | { readonly kind: 'etag'; readonly etag: string };
