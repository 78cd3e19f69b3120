import { spawnSync } from 'node:child_process';
import { fstatSync, statfsSync } from 'node:fs';

/** Where a file is: a file system's type, as statfs(2) has it, and the device of its files. */
export interface FilePlace {
  readonly type: number;
  readonly device: number;
}

/** statfs(2): file systems whose files can share extents. */
const XFS = 0x58465342;
const BTRFS = 0x9123683e;
const BCACHEFS = 0xca451a4e;

/** Whether a clone is worth a try: others than these refuse it, and ask for a sync of the source first. */
export function mayShareExtents(source: FilePlace, sink: FilePlace): boolean {
  if (source.type !== sink.type) return false;
  // Subvolumes of one btrfs are devices of their own, and share extents all the same.
  return source.type === BTRFS || ((source.type === XFS || source.type === BCACHEFS) && source.device === sink.device);
}

export function placeOf(file: number): FilePlace {
  return { type: statfsSync(`/proc/self/fd/${String(file)}`).type, device: fstatSync(file).dev };
}

/**
 * FICLONE through coreutils' cp, from an open file to an open file. node:fs.copyFile would do it without a child, but gives the new
 * file the source's mode first, setuid included: what somebody else's program becomes when root copies it.
 *
 * @returns false where the system does not do it, or there is no cp that can: the sink is empty then, or as it was.
 */
export function cloneFile(source: number, sink: number): boolean {
  const paths = ['/proc/self/fd/0', '/proc/self/fd/1'];
  return spawnSync('cp', ['--reflink=always', ...paths], { stdio: [source, sink, 'ignore'] }).status === 0;
}

/** Clones files, and remembers between which file systems that is refused. */
export class Reflinks {
  readonly #clone: (source: number, sink: number) => boolean;
  readonly #placeOf: (file: number) => FilePlace;
  readonly #refused = new Set<string>();
  readonly #proven = new Set<string>();

  constructor(clone = cloneFile, place = placeOf) {
    this.#clone = clone;
    this.#placeOf = place;
  }

  /** @param sink  any file, or directory, of the file system that is meant. */
  mayClone(source: number, sink: number): boolean {
    const places = [this.#placeOf(source), this.#placeOf(sink)] as const;
    return mayShareExtents(...places) && !this.#refused.has(pairOf(...places));
  }

  /**
   * Makes the sink a clone of the source as it is now.
   *
   * @returns false when it is none: where that was the first try between two file systems, it was the last, too.
   */
  clone(source: number, sink: number): boolean {
    if (!this.mayClone(source, sink)) return false;
    const pair = pairOf(this.#placeOf(source), this.#placeOf(sink));
    const isDone = this.#clone(source, sink);
    if (isDone) this.#proven.add(pair);
    else if (!this.#proven.has(pair)) this.#refused.add(pair);
    return isDone;
  }
}

function pairOf(source: FilePlace, sink: FilePlace): string {
  return `${String(source.device)}:${String(sink.device)}`;
}
