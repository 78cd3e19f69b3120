import { closeSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import { errnoOf } from './errno.ts';
import { directoryOf, pathIn, pathOf } from './file-path.ts';

const OPEN_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens one component below an open directory; ENOTDIR when it is a symbolic link or a file. @throws as pathIn. */
export function openDirectoryIn(parent: number, name: ByteString): number {
  return openSync(pathIn(parent, name), OPEN_DIRECTORY);
}

/** Another descriptor of an open directory. */
export function reopenDirectory(directory: number): number {
  return openSync(pathOf(directory), OPEN_DIRECTORY);
}

/**
 * Descriptors of the directories below a root, each opened from its parent and never through a symbolic link.
 *
 * Keeps the last few open. A descriptor is the caller's until its next call. clear() makes it look again, so that a directory
 * that was moved away is not written to for longer than a batch or a slice.
 */
export class DirectoryTree {
  readonly #root: number;
  readonly #openCountMax: number;
  readonly #makeMode: number;
  /** In order of use, least recent first. */
  readonly #open = new Map<ByteString, number>();
  /** The last of them: files come directory by directory, and moving it to its own place three times a file is waste. */
  #latest: { readonly key: ByteString; readonly descriptor: number } | undefined;
  /** Of the root. */
  #device: number | undefined;

  /**
   * @param root  stays the caller's.
   * @param makeMode  of what make() makes, less the umask.
   */
  constructor(root: number, openCountMax: number, makeMode = 0o777) {
    this.#makeMode = makeMode;
    this.#root = root;
    this.#openCountMax = openCountMax;
  }

  /**
   * @param key  `` or a path that ends in '/'.
   * @throws the system's error; ObjectError INVALID_ARGUMENT for a path that leaves the tree or has an empty part.
   */
  open(key: ByteString): number {
    return this.#find(key, false);
  }

  /** As open(), and makes what is missing on the way. */
  make(key: ByteString): number {
    return this.#find(key, true);
  }

  /** Whether the root was removed: nothing below it will ever be there again, whatever stands in its place. */
  get isRootRemoved(): boolean {
    return fstatSync(this.#root).nlink === 0;
  }

  /** Whether a directory is of another file system than the root: one that is mounted within it. */
  isElsewhere(key: ByteString): boolean {
    this.#device ??= fstatSync(this.#root).dev;
    return fstatSync(this.open(key)).dev !== this.#device;
  }

  clear(): void {
    this.#latest = undefined;
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  #find(key: ByteString, isMaking: boolean): number {
    if (key === '') return this.#root;
    if (key === this.#latest?.key) return this.#latest.descriptor;
    const known = this.#open.get(key);
    if (known !== undefined) return this.#touch(key, known);
    let at = this.#knownAncestor(key);
    let descriptor = this.#open.get(at) ?? this.#root;
    while (at !== key) {
      const next = key.slice(0, key.indexOf('/', at.length) + 1);
      descriptor = this.#keep(next, this.#openOne(descriptor, at, next, isMaking));
      at = next;
    }
    return descriptor;
  }

  #knownAncestor(key: ByteString): ByteString {
    let at = key;
    while (at !== '' && !this.#open.has(at)) at = directoryOf(at.slice(0, -1));
    return at;
  }

  #openOne(parent: number, parentKey: ByteString, key: ByteString, isMaking: boolean): number {
    const name = key.slice(parentKey.length, -1);
    try {
      return openDirectoryIn(parent, name);
    } catch (error) {
      if (!isMaking || errnoOf(error) !== 'ENOENT') throw error;
    }
    try {
      mkdirSync(pathIn(parent, name), this.#makeMode);
    } catch (error) {
      // Another thread was first.
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    return openDirectoryIn(parent, name);
  }

  #touch(key: ByteString, descriptor: number): number {
    this.#open.delete(key);
    this.#open.set(key, descriptor);
    this.#latest = { key, descriptor };
    return descriptor;
  }

  #keep(key: ByteString, descriptor: number): number {
    this.#open.set(key, descriptor);
    this.#latest = { key, descriptor };
    if (this.#open.size > this.#openCountMax) {
      const [oldest] = this.#open;
      if (oldest !== undefined) {
        closeSync(oldest[1]);
        this.#open.delete(oldest[0]);
      }
    }
    return descriptor;
  }
}
