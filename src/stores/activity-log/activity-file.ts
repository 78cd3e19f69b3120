import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../posix/errno.ts';
import type { ActivityLogLimits } from './limits.ts';

export interface ActivityFileOptions {
  /** Of all projects; made when it is not there. */
  readonly directory: string;
  readonly projectId: string;
  readonly operationName: string;
  readonly limits: ActivityLogLimits;
  readonly now: () => number;
}

const NEWLINE = 0x0a;
const SUFFIX = '.ndjson';

/**
 * The log of one operation: `DIRECTORY/PROJECT/OPERATION.ndjson`, then `OPERATION.1.ndjson` and so on where it is long. One line for
 * each activity, for the owner of the process only. All calls block: it belongs into the transfer's thread.
 *
 * Its errors are those of node:fs.
 */
export class ActivityFile {
  readonly #options: ActivityFileOptions;
  readonly #directory: string;
  #number = 0;
  #file: number | undefined;
  #sizeBytes = 0;

  constructor(options: ActivityFileOptions) {
    this.#options = options;
    this.#directory = join(options.directory, options.projectId);
  }

  append(lines: readonly string[]): void {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    let file = this.#opened();
    while (this.#sizeBytes > 0 && this.#sizeBytes + bytes.length > this.#options.limits.fileSizeBytesMax) {
      this.close();
      this.#number += 1;
      file = this.#opened();
    }
    for (let offset = 0; offset < bytes.length;) offset += writeSync(file, bytes, offset);
    this.#sizeBytes += bytes.length;
  }

  close(): void {
    if (this.#file === undefined) return;
    const file = this.#file;
    this.#file = undefined;
    try {
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  #opened(): number {
    if (this.#file !== undefined) return this.#file;
    if (this.#number === 0) {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      this.#removeExpired();
    }
    // Operations' names have one slash, behind what all of them begin with, and no characters that paths take for more.
    const name = this.#options.operationName.slice(this.#options.operationName.lastIndexOf('/') + 1);
    const path = join(this.#directory, `${name}${this.#number === 0 ? '' : `.${this.#number}`}${SUFFIX}`);
    const file = openSync(path, 'a+', 0o600);
    this.#sizeBytes = fstatSync(file).size;
    this.#file = file;
    if (this.#sizeBytes > 0 && endsWithinLine(file, this.#sizeBytes)) this.#sizeBytes += writeSync(file, '\n');
    return file;
  }

  #removeExpired(): void {
    const { limits, now } = this.#options;
    const directory = opendirSync(this.#directory);
    try {
      for (let count = 0; count < limits.expiryScanCountMax; count += 1) {
        const entry = directory.readSync();
        if (entry === null) return;
        if (entry.name.endsWith(SUFFIX)) removeIfOlder(join(this.#directory, entry.name), now() - limits.retentionMs);
      }
    } finally {
      directory.closeSync();
    }
  }
}

/** A process that was killed may have left half a line, which must not spoil the next. */
function endsWithinLine(file: number, sizeBytes: number): boolean {
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, sizeBytes - 1);
  return last[0] !== NEWLINE;
}

/** Another transfer's thread may be at the same. */
function removeIfOlder(path: string, timeMs: number): void {
  try {
    if (lstatSync(path).mtimeMs < timeMs) unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
