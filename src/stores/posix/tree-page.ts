import type { Stats } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { FileAttributes } from '../../transfers/posix-metadata.ts';
import type { ListNote, ListPage, SpecialFileType } from '../../transfers/object-store.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { errnoOf, failureOf } from './errno.ts';
import { attributesOf } from './file-attributes.ts';
import { directoryOf, nameOf } from './file-path.ts';
import { readLink } from './symbolic-link.ts';

export interface TreePageOptions {
  readonly tree: DirectoryTree;
  /** As in ListOptions. */
  readonly hasAttributes: boolean;
  readonly hasLinks: boolean;
}

/** A page of a directory tree's objects that is being filled, in the order of keys. */
export class TreePage {
  readonly #options: TreePageOptions;
  readonly #keys: ByteString[] = [];
  readonly #sizesBytes: number[] = [];
  readonly #modifyTimesMs: number[] = [];
  readonly #versions: number[] = [];
  readonly #attributes: FileAttributes[] = [];
  readonly #linkTargets: (ByteString | undefined)[] = [];
  readonly #notes: ListNote[] = [];
  readonly #noteIndexes: number[] = [];

  constructor(options: TreePageOptions) {
    this.#options = options;
  }

  /** Records and notes together. */
  get count(): number {
    return this.#keys.length + this.#notes.length;
  }

  get page(): ListPage {
    return {
      keys: this.#keys,
      sizesBytes: this.#sizesBytes,
      modifyTimesMs: this.#modifyTimesMs,
      versions: this.#versions,
      attributes: this.#attributes,
      linkTargets: this.#linkTargets,
      notes: this.#notes,
      noteIndexes: this.#noteIndexes,
    };
  }

  /** Adds what was found at a key; a directory is no object. */
  put(key: ByteString, found: Stats | Error): void {
    const { hasLinks } = this.#options;
    if (found instanceof Error) {
      this.note({ kind: 'object-failed', key, cause: failureOf(found, 'stat') });
    } else if (found.isFile()) {
      this.#record(key, found);
      if (hasLinks) this.#linkTargets.push(undefined);
    } else if (found.isSymbolicLink() && hasLinks) {
      this.#putLink(key, found);
    } else if (!found.isDirectory()) {
      this.note({ kind: 'special', key, type: specialType(found) });
    }
  }

  note(note: ListNote): void {
    this.#notes.push(note);
    this.#noteIndexes.push(this.#keys.length);
  }

  #record(key: ByteString, found: Stats): void {
    this.#keys.push(key);
    this.#sizesBytes.push(found.size);
    this.#modifyTimesMs.push(found.mtimeMs);
    this.#versions.push(found.ino);
    if (this.#options.hasAttributes) this.#attributes.push(attributesOf(found));
  }

  #putLink(key: ByteString, found: Stats): void {
    let target: ByteString;
    try {
      target = readLink(this.#options.tree.open(directoryOf(key)), nameOf(key));
    } catch (error) {
      if (!isVanished(error)) this.note({ kind: 'object-failed', key, cause: failureOf(error, 'read link') });
      return;
    }
    this.#record(key, found);
    this.#linkTargets.push(target);
  }
}

/** What goes between its name and its turn may be missed; see ObjectStore.list. */
export function isVanished(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT';
}

function specialType(stats: Stats): SpecialFileType {
  if (stats.isSymbolicLink()) return 'symbolic-link';
  if (stats.isFIFO()) return 'fifo';
  return stats.isSocket() ? 'socket' : 'device';
}
