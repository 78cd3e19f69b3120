import { fstatSync, fsyncSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import { isSameAttributes, type PreservedMetadata } from '../../transfers/posix-metadata.ts';
import { present } from '../../transfers/present.ts';
import type { KeyRanges } from '../../transfers/selection/key-ranges.ts';
import { directoryOf } from './file-path.ts';
import { readNames } from './directory-names.ts';
import { sinkTree } from './copy-context.ts';
import { DirectoryTree } from './directory-tree.ts';
import { errnoOf, failureOf, ObjectError } from './errno.ts';
import { attributesOf, setAttributes } from './file-attributes.ts';

export interface CopyDirectoriesOptions {
  /** Descriptors of both roots; they stay the caller's. */
  readonly sourceRoot: number;
  readonly sinkRoot: number;
  readonly metadata: PreservedMetadata;
  readonly limits: TransferLimits;
  /** See Copier.copyDirectories. */
  readonly ranges?: KeyRanges;
  readonly isStopped: () => boolean;
  readonly onFailure: (key: ByteString, cause: FailureCause) => void;
  /** Makes changes of directories durable. */
  readonly sync: (keys: readonly ByteString[]) => Promise<unknown>;
}

/** A directory on the way down: what is left of the directories in it. */
interface Frame {
  readonly key: ByteString;
  names: readonly ByteString[];
  index: number;
  hasMore: boolean;
}

/** Directories between two turns of the event loop: about a millisecond. */
const TURN_COUNT = 64;

/** Changed directories between two syncs: what is remembered of them. */
const SYNC_COUNT = 1024;

/**
 * Makes the source's directories at the sink, and gives each the attributes of its own when all within it is done: one that may not
 * be written to must not keep us from what is below it.
 *
 * Blocks the calling thread but for its turns. Ends early when stopped; safe to repeat. Of a source that cannot be listed the walk
 * over its files has told.
 */
export async function copyDirectories(options: CopyDirectoriesOptions): Promise<void> {
  const walk = new DirectoryWalk(options);
  try {
    await walkAll(walk, options);
  } finally {
    walk.clear();
  }
}

async function walkAll(walk: DirectoryWalk, options: CopyDirectoriesOptions): Promise<void> {
  for (let count = 1; !options.isStopped() && walk.step(); count += 1) {
    if (walk.changed.length >= SYNC_COUNT) await options.sync(walk.takeChanged());
    if (count % TURN_COUNT > 0) continue;
    walk.clear();
    await nextTurn();
  }
  // Also when nothing changed: an earlier attempt may have been killed before it came to this.
  await options.sync(walk.takeChanged());
}

class DirectoryWalk {
  readonly #options: CopyDirectoriesOptions;
  readonly #source: DirectoryTree;
  readonly #sink: DirectoryTree;
  readonly #stack: Frame[] = [];
  #isBegun = false;
  changed: ByteString[] = [];

  constructor(options: CopyDirectoriesOptions) {
    const { sourceRoot, limits } = options;
    this.#options = options;
    this.#source = new DirectoryTree(sourceRoot, limits.directoryDescriptorCountMax);
    this.#sink = sinkTree(options);
  }

  /** Descriptors of directories that were moved away since are not used for longer than a turn. */
  clear(): void {
    this.#source.clear();
    this.#sink.clear();
  }

  takeChanged(): readonly ByteString[] {
    const changed = this.changed;
    this.changed = [];
    return changed;
  }

  /** Enters one directory or leaves one; false at the end. */
  step(): boolean {
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#enter('');
      return true;
    }
    const frame = this.#stack.at(-1);
    if (frame === undefined) return false;
    const name = frame.names[frame.index];
    frame.index += 1;
    if (name !== undefined) this.#enter(frame.key + name);
    else if (frame.hasMore) this.#readOn(frame);
    else this.#leave(frame.key);
    return true;
  }

  #enter(key: ByteString): void {
    const found = this.#read(key, '');
    if (found === undefined) return;
    const isThere = this.#attempt(key, 'make directory', () => {
      if (this.#isOwn(key)) this.#make(key);
    });
    if (isThere) this.#stack.push({ key, ...found, index: 0 });
  }

  /** It belongs to the transfer itself, and not for what is below it. */
  #isOwn(key: ByteString): boolean {
    return this.#options.ranges?.has(key) ?? true;
  }

  #make(key: ByteString): void {
    try {
      this.#sink.open(key);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      this.#sink.make(key);
      this.changed.push(key);
    }
  }

  #readOn(frame: Frame): void {
    const found = this.#read(frame.key, present(frame.names.at(-1)));
    Object.assign(frame, found ?? { names: [], hasMore: false }, { index: 0 });
  }

  /** undefined when it has gone, or cannot be listed. */
  #read(key: ByteString, after: ByteString): Pick<Frame, 'names' | 'hasMore'> | undefined {
    const { limits, isStopped, ranges } = this.#options;
    const isWanted = (name: ByteString): boolean => name.endsWith('/') && (ranges?.reaches(key + name) ?? true);
    const held = this.#stack.reduce((sum, { names }) => sum + names.length, 0);
    const countMax = Math.max(limits.namesPerDirectoryMin, limits.namesInMemoryMax - held);
    try {
      return readNames(this.#source.open(key), countMax, (name) => name > after && isWanted(name), isStopped);
    } catch (error) {
      if (errnoOf(error) === undefined && !isStopped()) throw error;
      return undefined;
    }
  }

  #leave(key: ByteString): void {
    const { metadata, limits } = this.#options;
    this.#stack.pop();
    this.#attempt(key, 'set attributes of the directory', () => {
      const wanted = attributesOf(fstatSync(this.#source.open(key)));
      const directory = this.#openSink(key);
      if (directory === undefined) return;
      const before = attributesOf(fstatSync(directory));
      setAttributes(directory, wanted, metadata);
      if (!isSameAttributes(before, attributesOf(fstatSync(directory)))) this.changed.push(key);
      if (limits.durability !== 'none') this.#syncElsewhere(key);
    });
  }

  /** undefined where nothing was copied below a directory that is only on the way. */
  #openSink(key: ByteString): number | undefined {
    try {
      return this.#sink.open(key);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' && !this.#isOwn(key)) return undefined;
      throw error;
    }
  }

  /** The sync at the end does not reach what is mounted within the sink. */
  #syncElsewhere(key: ByteString): void {
    if (!this.#sink.isElsewhere(key)) return;
    fsyncSync(this.#sink.open(key));
    fsyncSync(this.#sink.open(directoryOf(key.slice(0, -1))));
  }

  #attempt(key: ByteString, doing: string, act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      if (errnoOf(error) === undefined && !(error instanceof ObjectError)) throw error;
      this.#options.onFailure(key, failureOf(error, doing));
      return false;
    }
  }
}
