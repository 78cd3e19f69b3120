import type { ByteString } from './byte-string.ts';
import type { Copier, CopierOptions } from './copier.ts';
import type { FailureCause } from './object-failure.ts';
import type { ObjectMetadata } from './object-metadata.ts';
import type { ObjectRecord, WritePrecondition } from './object-record.ts';
import type { ObjectUploads } from './object-uploads.ts';
import type { FileAttributes } from './posix-metadata.ts';
import type { KeyRanges } from './selection/key-ranges.ts';

/** What a store can promise beyond the interface; the engine adapts, it never guesses. */
export interface StoreCapabilities {
  /** list() yields keys in the order of their bytes. Otherwise the engine must sort. */
  readonly listsInByteOrder: boolean;
  /** Keys are any bytes but NUL; otherwise they must be valid UTF-8. */
  readonly acceptsAnyBytes: boolean;
  /** Directories exist by themselves, so that a key may be in the way of another (`a` and `a/b`). */
  readonly hasDirectories: boolean;
  /** Two modification times are equal when they differ by no more than this. Milliseconds. */
  readonly modifyTimeGrainMs: number;
  /** Objects have a mode, a user and a group, which list() tells when it is asked. */
  readonly hasAttributes: boolean;
  /** Symbolic links are objects to list() when it is asked for them. */
  readonly hasLinks: boolean;
  /** It keeps ObjectMetadata. Otherwise what write() is given is dropped, and nothing is told. */
  readonly hasMetadata: boolean;
  /** Objects get the time they were written at; a writer's modifyTimeMs is dropped, and a copy is known by its provenance. */
  readonly assignsModifyTime: boolean;
  /** Whether list() tells ListPage.metadata of every object, without another call for each. */
  readonly listsMetadata: boolean;
  /** list() honours ListOptions.ranges, in one walk; otherwise ranges are listed prefix by prefix (selection/list-ranges.ts). */
  readonly listsRanges?: boolean;
  /** Its etags are generations, as manifests may name them. */
  readonly hasGenerations?: boolean;
  /** Which preconditions writes honour: servers of one protocol differ, so that some stores find out by trying. */
  readonly preconditions: readonly WritePrecondition['kind'][];
}

/** What a listing meets besides objects. */
export type ListNote =
  | { readonly kind: 'directory'; readonly key: ByteString }
  /** Its keys are unknown: the listing goes on behind them. */
  | { readonly kind: 'directory-failed'; readonly key: ByteString; readonly cause: FailureCause }
  /** Exists, but even its size cannot be read. */
  | { readonly kind: 'object-failed'; readonly key: ByteString; readonly cause: FailureCause }
  /** A symbolic link, FIFO, socket or device: never opened, and no object, but for links where they were asked for. */
  | { readonly kind: 'special'; readonly key: ByteString; readonly type: SpecialFileType };

export type SpecialFileType = 'symbolic-link' | 'fifo' | 'socket' | 'device';

/**
 * A run of objects in key order, as parallel columns: a listing costs no promise and no JavaScript object for each key.
 *
 * `notes[i]` stands before the record at `noteIndexes[i]`, which never falls. Notes and records together are in the order of
 * keys, a directory's key ending in '/'.
 */
export interface ListPage {
  readonly keys: readonly ByteString[];
  readonly sizesBytes: readonly number[];
  readonly modifyTimesMs: readonly number[];
  readonly crc32cs?: readonly (number | undefined)[];
  readonly md5s?: readonly (string | undefined)[];
  readonly etags?: readonly (string | undefined)[];
  /** Where StoreCapabilities.listsMetadata says so. */
  readonly metadata?: readonly (ObjectMetadata | undefined)[];
  /** Another number for each replacement of an object (POSIX: its inode). */
  readonly versions?: readonly number[];
  /** Where the store has them and they were asked for. */
  readonly attributes?: readonly FileAttributes[];
  /** Where links were asked for: the target of each object that is one, as its text; `sizeBytes` is the text's length. */
  readonly linkTargets?: readonly (ByteString | undefined)[];
  readonly notes: readonly ListNote[];
  readonly noteIndexes: readonly number[];
  /** All up to here is told by this page and those before it, where that is more than its last key says. */
  readonly throughKey?: ByteString;
}

export interface ListOptions {
  /** Only what sorts behind it; parts of the tree that end before it are not visited. */
  readonly startAfter?: ByteString;
  /** Only keys of them, and the directories on the way; no directory is opened that none of them is in. Where `listsRanges` says so. */
  readonly ranges?: KeyRanges;
  /** Asks for ListPage.attributes; default false. */
  readonly hasAttributes?: boolean;
  /** Asks for symbolic links as objects, where the store has them; default false. */
  readonly hasLinks?: boolean;
  readonly signal: AbortSignal;
}

/** What is asked for of keys that are looked up. */
export type LookUpOptions = Pick<ListOptions, 'hasAttributes' | 'hasLinks' | 'signal'>;

export interface ReadOptions {
  /** First byte; default 0. */
  readonly offsetBytes?: number;
  /** At most this many; default to the end. */
  readonly lengthBytes?: number;
  /** Fails with FAILED_PRECONDITION (reason OBJECT_CHANGED) when the object is no longer this one: by size, and by etag or else by time. */
  readonly expect?: Pick<ObjectRecord, 'sizeBytes' | 'modifyTimeMs' | 'etag'>;
  /** Called once, before the first byte, with what the store tells of the object it reads: no stat() is needed beside a read. */
  readonly onRecord?: (record: ObjectRecord) => void;
  readonly signal: AbortSignal;
}

export interface WriteOptions {
  readonly modifyTimeMs: number;
  /** Of the whole body, where it is known: some stores then need not hold it. A body of another length fails with DATA_LOSS. */
  readonly sizeBytes?: number;
  readonly metadata?: ObjectMetadata;
  /** Only kinds of StoreCapabilities.preconditions. */
  readonly precondition?: WritePrecondition;
  readonly signal: AbortSignal;
}

export interface DeleteOptions {
  /**
   * Deletes only this object, by size, and by etag or else by time; FAILED_PRECONDITION (reason OBJECT_CHANGED) when it is another. A
   * store that cannot ask for it in one step looks just before.
   */
  readonly expect?: Pick<ObjectRecord, 'sizeBytes' | 'modifyTimeMs' | 'etag'>;
}

/**
 * A flat map from keys to objects, in one place: a directory tree, a bucket with a prefix.
 *
 * A key is the object's path relative to the store's root, never empty, without a '/' at either end and without '.', '..' or
 * empty segments where the store has directories. Methods reject with StatusError; after an abort with `signal.reason`.
 */
export interface ObjectStore {
  readonly capabilities: StoreCapabilities;
  /** undefined when there is no such object; a directory or a special file is none. */
  stat(key: ByteString, signal: AbortSignal): Promise<ObjectRecord | undefined>;
  /**
   * Objects whose keys begin with `prefix`, each once. One that comes or goes meanwhile may be missed or met; all others are met.
   * @throws StatusError when the root itself cannot be listed.
   */
  list(prefix: ByteString, options: ListOptions): AsyncIterable<ListPage>;
  /**
   * What list() would tell of these keys, as one page, and without listing; absent where stat() tells as much.
   * @param keys  in the order of bytes, each once.
   */
  lookUp?(keys: readonly ByteString[], options: LookUpOptions): Promise<ListPage>;
  /** The object's bytes, in chunks that are the consumer's until it asks for the next. NOT_FOUND when there is none. */
  read(key: ByteString, options: ReadOptions): AsyncIterable<Uint8Array>;
  /** Whole or nothing: until it resolves, readers see what was there before. Replaces. Leaves nothing behind when it rejects. */
  write(key: ByteString, body: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<ObjectRecord>;
  /** false when there was none. */
  delete(key: ByteString, signal: AbortSignal, options?: DeleteOptions): Promise<boolean>;
  /** Large objects in parts; absent where write() is the only way. */
  readonly uploads?: ObjectUploads;
  /**
   * Copies within the service, without a byte passing here; undefined, at once, when the source is not in reach of this store.
   * Whole or nothing. FAILED_PRECONDITION when the source is not the one expected or the precondition does not hold.
   */
  copyObject?(
    source: ObjectStore,
    object: ObjectRecord,
    key: ByteString,
    options: WriteOptions,
  ): Promise<ObjectRecord> | undefined;
  /** A faster way from that store to this one than read and write; undefined when there is none. */
  copyFrom?(source: ObjectStore, options: CopierOptions): Copier | undefined;
  /** Releases what it holds; later calls fail. */
  close(): Promise<void>;
}
