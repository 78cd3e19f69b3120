import { closeSync, lstatSync, type Stats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Code } from '../../core/code.ts';
import { byteStringOf, toBytes, type ByteString } from '../../transfers/byte-string.ts';
import type { Copier, CopierOptions } from '../../transfers/copier.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
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
import { DirectoryTree } from './directory-tree.ts';
import { isGone } from './errno.ts';
import { directoryOf, nameOf, pathIn } from './file-path.ts';
import { isExpectedFile, isExpectedRecord, recordOf } from './file-record.ts';
import { lookUpFiles } from './look-up-files.ts';
import { PosixCalls } from './posix-calls.ts';
import { PosixCopier } from './posix-copier.ts';
import { readFile } from './read-file.ts';
import { removeName } from './regular-file.ts';
import { openPlace, type PosixPlace } from './roots.ts';
import { readLink } from './symbolic-link.ts';
import { MICROSECOND_MS, probeTimeGrain } from './time-grain.ts';
import { TreeLister } from './tree-lister.ts';
import { writeFile } from './write-file.ts';

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
  readonly #calls: PosixCalls;
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
    this.#calls = new PosixCalls(this.path, this.#tree);
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
    return this.#calls.attempt(key, 'stat', () => {
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
    return this.#calls.attempt('', 'look up', () => {
      const isStopped = (): boolean => signal.aborted || this.#isStopped();
      const page = lookUpFiles(keys, { tree: this.#tree, hasAttributes, hasLinks, isStopped });
      this.#throwIfRemoved();
      return page;
    });
  }

  async *read(key: ByteString, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const link = this.#readsLinks ? await this.stat(key) : undefined;
    if (link?.linkTarget === undefined) {
      const { chunkSizeBytes } = this.#limits;
      yield* readFile(key, options, { calls: this.#calls, tree: this.#tree, chunkSizeBytes });
      return;
    }
    const { offsetBytes = 0, lengthBytes = Infinity, expect, onRecord, signal } = options;
    if (expect !== undefined && !isExpectedRecord(link, expect)) throw this.#calls.changed(key);
    onRecord?.(link);
    signal.throwIfAborted();
    yield toBytes(link.linkTarget).subarray(offsetBytes, offsetBytes + lengthBytes);
  }

  write(key: ByteString, body: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<ObjectRecord> {
    const { durability } = this.#limits;
    return writeFile(key, body, options, { calls: this.#calls, tree: this.#tree, durability });
  }

  delete(key: ByteString, signal: AbortSignal, { expect }: DeleteOptions = {}): Promise<boolean> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return this.#calls.attempt(key, 'delete', () => {
      const stats = this.#lstat(key);
      if (stats === undefined || !(stats.isFile() || this.#isReadLink(stats))) return false;
      if (expect !== undefined && !isExpectedFile(stats, expect)) throw this.#calls.changed(key);
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
    if (this.#tree.isRootRemoved)
      throw this.#calls.error('', Code.NOT_FOUND, `the ${this.#role} directory was removed`);
  }

  #nextPage(lister: TreeLister): ListPage | undefined {
    return this.#calls.do('', 'list', () => lister.nextPage());
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
}
