import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, renameSync, type Stats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { byteStringOf, displayText, toBytes, type ByteString } from '../../transfers/byte-string.ts';
import type { Copier, CopierOptions } from '../../transfers/copier.ts';
import { isSameTime } from '../../transfers/delta.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import { NOTHING_PRESERVED } from '../../transfers/posix-metadata.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type {
  DeleteOptions,
  ListOptions,
  ListPage,
  LookUpOptions,
  ObjectStore,
  ReadOptions,
  StoreCapabilities,
  WriteOptions,
} from '../../transfers/object-store.ts';
import { STAGING_PREFIX } from '../../transfers/staging-name.ts';
import { DirectoryTree } from './directory-tree.ts';
import { errnoOf, failureOf, isGone } from './errno.ts';
import { attributesOf } from './file-attributes.ts';
import { directoryOf, nameOf, pathIn, withAncestors } from './file-path.ts';
import { lookUpFiles } from './look-up-files.ts';
import { PosixCopier } from './posix-copier.ts';
import {
  closeQuietly,
  createStaging,
  openSource,
  readFull,
  removeName,
  setModifyTime,
  statRegular,
  writeFull,
} from './regular-file.ts';
import { readLink } from './symbolic-link.ts';
import { openPlace, type PosixPlace } from './roots.ts';
import { MICROSECOND_MS, probeTimeGrain } from './time-grain.ts';
import { TreeLister } from './tree-lister.ts';

/** Asked for where a file should end, to see whether it has grown; so little costs no allocation of its own. */
const TAIL_BYTES = 1024;
const NO_MEMORY = Buffer.alloc(0);

export interface PosixStoreOptions {
  readonly place: PosixPlace;
  /** A sink's missing directories are made. */
  readonly role: 'source' | 'sink';
  /** See openPlace. */
  readonly makeMode?: number;
  readonly limits: TransferLimits;
  /** Links are objects to stat(), read() and delete(), too, their targets the content; default false. */
  readonly readsLinks?: boolean;
  /** Asked within a page of a listing, where no signal can fire. */
  readonly isStopped?: () => boolean;
}

/**
 * A directory tree as a store. All of its calls block the calling thread: it belongs into a thread of its own.
 *
 * Nothing outside the tree is ever read or written, whatever links appear in it: see DirectoryTree.
 */
export class PosixStore implements ObjectStore {
  readonly capabilities: StoreCapabilities;
  /** Descriptor of the tree's root. */
  readonly root: number;
  /** Of the tree's root, all links resolved. */
  readonly path: string;
  readonly #role: 'source' | 'sink';
  readonly #limits: TransferLimits;
  readonly #tree: DirectoryTree;
  readonly #isStopped: () => boolean;
  readonly #readsLinks: boolean;

  /** @throws StatusError, see openPlace. */
  constructor({ place, role, makeMode, limits, readsLinks = false, isStopped = () => false }: PosixStoreOptions) {
    this.#readsLinks = readsLinks;
    this.#isStopped = isStopped;
    this.root = openPlace(place, role, makeMode);
    this.path = place.path;
    this.#role = role;
    this.#limits = limits;
    this.#tree = new DirectoryTree(this.root, limits.directoryDescriptorCountMax);
    this.capabilities = {
      listsInByteOrder: true,
      acceptsAnyBytes: true,
      hasDirectories: true,
      modifyTimeGrainMs: role === 'sink' ? this.#probeGrain() : MICROSECOND_MS,
      hasAttributes: true,
      hasLinks: true,
      hasMetadata: false,
      assignsModifyTime: false,
      listsMetadata: false,
      listsRanges: true,
      preconditions: [],
    };
  }

  #probeGrain(): number {
    try {
      return probeTimeGrain(this.root);
    } catch (error) {
      closeSync(this.root);
      throw error;
    }
  }

  stat(key: ByteString): Promise<ObjectRecord | undefined> {
    return this.#attempt(key, 'stat', () => {
      const stats = this.#lstat(key);
      if (stats?.isFile() === true) return recordOf(key, stats);
      return stats !== undefined && this.#isReadLink(stats) ? this.#linkOf(key, stats) : undefined;
    });
  }

  async *list(
    prefix: ByteString,
    { startAfter, ranges, hasAttributes = false, hasLinks = false, signal }: ListOptions,
  ): AsyncGenerator<ListPage> {
    const { namesInMemoryMax, namesPerDirectoryMin, listPageCountMax, directoryDescriptorCountMax } = this.#limits;
    const lister = new TreeLister({
      root: this.root,
      rootPath: byteStringOf(this.path),
      prefix,
      startAfter,
      ranges,
      pageCountMax: listPageCountMax,
      namesInMemoryMax,
      namesPerDirectoryMin,
      directoryDescriptorCountMax,
      hasAttributes,
      hasLinks,
      isStopped: () => signal.aborted || this.#isStopped(),
    });
    try {
      for (;;) {
        signal.throwIfAborted();
        const page = this.#nextPage(lister);
        this.#throwIfRemoved();
        if (page === undefined) return;
        yield page;
        // A page is milliseconds of this thread, and its consumer may wait for nothing else: replies of other threads get their turn.
        await setImmediate();
      }
    } finally {
      lister.close();
    }
  }

  lookUp(
    keys: readonly ByteString[],
    { hasAttributes = false, hasLinks = false, signal }: LookUpOptions,
  ): Promise<ListPage> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return this.#attempt('', 'look up', () => {
      const isStopped = (): boolean => signal.aborted || this.#isStopped();
      const page = lookUpFiles(keys, { tree: this.#tree, hasAttributes, hasLinks, isStopped });
      this.#throwIfRemoved();
      return page;
    });
  }

  async *read(key: ByteString, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const { offsetBytes = 0, lengthBytes = Infinity, expect, onRecord, signal } = options;
    const link = this.#readsLinks ? await this.stat(key) : undefined;
    if (link?.linkTarget !== undefined) {
      if (expect !== undefined && !isExpectedRecord(link, expect)) throw this.#changed(key);
      onRecord?.(link);
      signal.throwIfAborted();
      yield toBytes(link.linkTarget).subarray(offsetBytes, offsetBytes + lengthBytes);
      return;
    }
    const file = this.#try(key, 'open', () => openSource(this.#tree.open(directoryOf(key)), nameOf(key)));
    try {
      const stats = this.#try(key, 'stat', () => statRegular(file));
      if (expect !== undefined && !isExpected(stats, expect)) throw this.#changed(key);
      onRecord?.(recordOf(key, stats));
      let memory = NO_MEMORY;
      for (let offset = offsetBytes; ;) {
        signal.throwIfAborted();
        const restBytes = Math.max(stats.size - offset, TAIL_BYTES);
        const wantedBytes = Math.min(this.#limits.chunkSizeBytes, restBytes, offsetBytes + lengthBytes - offset);
        // Whoever asks for more has done with the last one.
        if (memory.length < wantedBytes) memory = Buffer.allocUnsafe(wantedBytes);
        const chunk = memory.subarray(0, wantedBytes);
        const length = this.#try(key, 'read', () => readFull(file, chunk, chunk.length, offset));
        if (length === 0) return;
        yield chunk.subarray(0, length);
        offset += length;
      }
    } finally {
      closeSync(file);
    }
  }

  async write(
    key: ByteString,
    body: AsyncIterable<Uint8Array>,
    { modifyTimeMs, sizeBytes: expectedBytes, signal }: WriteOptions,
  ): Promise<ObjectRecord> {
    const staging = `${STAGING_PREFIX}${randomUUID()}`;
    signal.throwIfAborted();
    const file = this.#try(key, 'create', () =>
      createStaging(this.#tree.make(directoryOf(key)), staging, NOTHING_PRESERVED),
    );
    try {
      const sizeBytes = await this.#writeAndClose(key, file, body, { modifyTimeMs, signal });
      if (expectedBytes !== undefined && sizeBytes !== expectedBytes) {
        throw this.#error(key, Code.DATA_LOSS, `${sizeBytes} bytes came of ${expectedBytes}`);
      }
      this.#try(key, 'publish', () => {
        this.#publish(key, staging);
      });
      return { key, sizeBytes, modifyTimeMs };
    } catch (error) {
      this.#try(key, 'clean up', () => removeName(this.#tree.open(directoryOf(key)), staging));
      throw error;
    }
  }

  delete(key: ByteString, signal: AbortSignal, { expect }: DeleteOptions = {}): Promise<boolean> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return this.#attempt(key, 'delete', () => {
      const stats = this.#lstat(key);
      if (stats === undefined || !(stats.isFile() || this.#isReadLink(stats))) return false;
      if (expect !== undefined && !isExpected(stats, expect)) throw this.#changed(key);
      return removeName(this.#tree.open(directoryOf(key)), nameOf(key));
    });
  }

  copyFrom(source: ObjectStore, options: CopierOptions): Copier | undefined {
    return source instanceof PosixStore ? this.copierFrom(source, options) : undefined;
  }

  copierFrom(source: PosixStore, options: CopierOptions): Copier {
    const grainMs = this.capabilities.modifyTimeGrainMs;
    return new PosixCopier({ ...options, sourceRoot: source.root, sinkRoot: this.root, grainMs });
  }

  close(): Promise<void> {
    this.#tree.clear();
    closeSync(this.root);
    return Promise.resolve();
  }

  /** Names below a root that has gone are missed in silence, and these would be all. */
  #throwIfRemoved(): void {
    if (this.#tree.isRootRemoved) throw this.#error('', Code.NOT_FOUND, `the ${this.#role} directory was removed`);
  }

  #nextPage(lister: TreeLister): ListPage | undefined {
    return this.#try('', 'list', () => lister.nextPage());
  }

  /** As writeAndClose of regular-file.ts, for a body that comes in its own time. */
  async #writeAndClose(
    key: ByteString,
    file: number,
    body: AsyncIterable<Uint8Array>,
    { modifyTimeMs, signal }: WriteOptions,
  ): Promise<number> {
    let sizeBytes: number;
    try {
      sizeBytes = await this.#writeBody(key, file, body, signal);
      this.#try(key, 'write', () => {
        setModifyTime(file, modifyTimeMs);
        if (this.#limits.durability !== 'none') fsyncSync(file);
      });
    } catch (error) {
      closeQuietly(file);
      throw error;
    }
    this.#try(key, 'close', () => {
      closeSync(file);
    });
    return sizeBytes;
  }

  async #writeBody(
    key: ByteString,
    file: number,
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<number> {
    let offset = 0;
    for await (const chunk of body) {
      signal.throwIfAborted();
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#try(key, 'write', () => {
        writeFull(file, bytes, bytes.length, offset);
      });
      offset += bytes.length;
    }
    signal.throwIfAborted();
    return offset;
  }

  #publish(key: ByteString, staging: ByteString): void {
    const directory = this.#tree.open(directoryOf(key));
    renameSync(pathIn(directory, staging), pathIn(directory, nameOf(key)));
    if (this.#limits.durability === 'none') return;
    for (const each of withAncestors([directoryOf(key)])) fsyncSync(this.#tree.open(each));
  }

  #isReadLink(stats: Stats): boolean {
    return this.#readsLinks && stats.isSymbolicLink();
  }

  #linkOf(key: ByteString, stats: Stats): ObjectRecord {
    const linkTarget = readLink(this.#tree.open(directoryOf(key)), nameOf(key));
    return { ...recordOf(key, stats), sizeBytes: linkTarget.length, linkTarget };
  }

  #lstat(key: ByteString): Stats | undefined {
    try {
      return lstatSync(pathIn(this.#tree.open(directoryOf(key)), nameOf(key)));
    } catch (error) {
      // Nothing, or something that is no directory, stands where its directory would be.
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  #attempt<T>(key: ByteString, doing: string, act: () => T): Promise<T> {
    return new Promise((resolve) => {
      resolve(this.#try(key, doing, act));
    });
  }

  #try<T>(key: ByteString, doing: string, act: () => T): T {
    // Descriptors of directories that were moved since the last call must not be used.
    if (doing !== 'read' && doing !== 'write') this.#tree.clear();
    try {
      return act();
    } catch (error) {
      if (errnoOf(error) === undefined && !(error instanceof Error && 'failure' in error)) throw error;
      const { code, detail } = failureOf(error, doing);
      throw this.#error(key, code, detail, error);
    }
  }

  #changed(key: ByteString): StatusError {
    const path = `${this.path}/${displayText(key)}`;
    const message = `${path}: it is not the object that was expected any more`;
    return new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'OBJECT_CHANGED', metadata: { path } });
  }

  #error(key: ByteString, code: Code, detail: string, cause?: unknown): StatusError {
    const path = key === '' ? this.path : `${this.path}/${displayText(key)}`;
    return new StatusError(code, `${path}: ${detail}`, { reason: 'POSIX_CALL_FAILED', metadata: { path }, cause });
  }
}

function recordOf(key: ByteString, stats: Stats): ObjectRecord {
  return { key, sizeBytes: stats.size, modifyTimeMs: stats.mtimeMs, attributes: attributesOf(stats) };
}

type Expected = Pick<ObjectRecord, 'sizeBytes' | 'modifyTimeMs'>;

function isExpected({ size, mtimeMs }: Stats, expect: Expected): boolean {
  return isExpectedRecord({ sizeBytes: size, modifyTimeMs: mtimeMs }, expect);
}

function isExpectedRecord(found: Expected, expect: Expected): boolean {
  return found.sizeBytes === expect.sizeBytes && isSameTime(found.modifyTimeMs, expect.modifyTimeMs, 0.001);
}
