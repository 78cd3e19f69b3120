import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { Code } from '../../core/code.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { PreservedMetadata } from '../../transfers/posix-metadata.ts';
import { ObjectError, errnoOf } from './errno.ts';
import { pathIn } from './file-path.ts';

/** O_NONBLOCK: should a FIFO have taken the file's place, opening it must not wait for a writer. */
const OPEN_SOURCE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const REOPEN = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Mode of new files, less the umask: Storage Transfer's default is not to keep the source's (MetadataOptions.mode, MODE_SKIP).
 * Staging has it from the start: it holds nothing that the published file will not show to the same readers.
 */
export const FILE_MODE = 0o644;

/** Where the source's mode is to come, nobody else reads what is staged before it has. */
const PRIVATE_FILE_MODE = 0o600;

export function openSource(directory: number, name: ByteString): number {
  return openSync(pathIn(directory, name), OPEN_SOURCE);
}

export function createStaging(directory: number, name: ByteString, { mode }: PreservedMetadata): number {
  return openSync(pathIn(directory, name), CREATE, mode ? PRIVATE_FILE_MODE : FILE_MODE);
}

export function reopenStaging(directory: number, name: ByteString): number {
  return openSync(pathIn(directory, name), REOPEN);
}

/** @throws ObjectError when it is not a regular file any more. */
export function statRegular(file: number): Stats {
  const stats = fstatSync(file);
  if (stats.isFile()) return stats;
  throw new ObjectError({ code: Code.FAILED_PRECONDITION, detail: 'open source: it is not a regular file any more' });
}

/** Reads until the buffer's first `count` bytes are filled, or the end: answers how many are. */
export function readFull(file: number, buffer: Buffer, count: number, position: number): number {
  let length = 0;
  while (length < count) {
    const read = readSync(file, buffer, length, count - length, position + length);
    if (read === 0) break;
    length += read;
  }
  return length;
}

export function writeFull(file: number, buffer: Uint8Array, count: number, position: number): void {
  let length = 0;
  while (length < count) length += writeSync(file, buffer, length, count - length, position + length);
}

/** To the microsecond and below: a double of seconds near 2^31 holds a quarter of one. */
export function setModifyTime(file: number, modifyTimeMs: number): void {
  const time = fileTime(modifyTimeMs);
  futimesSync(file, time, time);
}

/** As the calls of node:fs take a time: a negative number they take for now, and as text for what it says. */
export function fileTime(modifyTimeMs: number): number | string {
  const seconds = modifyTimeMs / 1000;
  return seconds < 0 ? String(seconds) : seconds;
}

export function isUnchanged(before: Stats, after: Stats): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs && before.ctimeMs === after.ctimeMs;
}

/** Removes a name; false when there was none. */
export function removeName(directory: number, name: ByteString): boolean {
  try {
    unlinkSync(pathIn(directory, name));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Closes a file that is of no use any more; nobody needs to know which writes were lost. */
export function closeQuietly(file: number): void {
  try {
    closeSync(file);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

/**
 * Writes to an open file, and closes it whatever happens.
 *
 * @throws what `write` throws, and what only close() tells: a network file system reports writes that it has lost there, once, and
 *   no later sync of another descriptor does.
 */
export function writeAndClose<T>(file: number, write: (file: number) => T): T {
  let result: T;
  try {
    result = write(file);
  } catch (error) {
    closeQuietly(file);
    throw error;
  }
  closeSync(file);
  return result;
}
