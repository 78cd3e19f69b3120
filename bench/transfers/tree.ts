import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A tree to be copied. */
export interface TreeShape {
  readonly fileCount: number;
  readonly fileSizeBytes: number;
  /** One directory level; 0 = all files in the root. */
  readonly directoryCount: number;
}

/** Random bytes that files are cut from: no two begin at the same place, nothing compresses or is all zeros. */
const POOL = randomBytes(2 ** 24);
const CHUNK_BYTES = 2 ** 20;

/** All files carry it: a whole second, so that every file system keeps it exactly. */
const MODIFY_TIME_SECONDS = 1_700_000_000;

export function makeTree(root: string, { fileCount, fileSizeBytes, directoryCount }: TreeShape): void {
  mkdirSync(root, { recursive: true });
  for (let directory = 0; directory < directoryCount; directory += 1) mkdirSync(join(root, directoryName(directory)));
  for (let file = 0; file < fileCount; file += 1) {
    const name = `file-${String(file).padStart(7, '0')}.bin`;
    const path = directoryCount === 0 ? join(root, name) : join(root, directoryName(file % directoryCount), name);
    if (fileSizeBytes <= CHUNK_BYTES) writeFileSync(path, cut(file, fileSizeBytes));
    else writeLarge(path, file, fileSizeBytes);
    utimesSync(path, MODIFY_TIME_SECONDS, MODIFY_TIME_SECONDS);
  }
}

export function describeTree({ fileCount, fileSizeBytes }: TreeShape): string {
  const size = fileSizeBytes >= 2 ** 30 ? `${String(fileSizeBytes / 2 ** 30)} GiB` : sizeBelowGiB(fileSizeBytes);
  return `${fileCount.toLocaleString('en-US')} x ${size}`;
}

function sizeBelowGiB(bytes: number): string {
  return bytes >= 2 ** 20 ? `${String(bytes / 2 ** 20)} MiB` : `${String(bytes / 1024)} KiB`;
}

function directoryName(directory: number): string {
  return `directory-${String(directory).padStart(5, '0')}`;
}

function cut(seed: number, sizeBytes: number): Buffer {
  const offset = (seed * 4099) % (POOL.length - sizeBytes);
  return POOL.subarray(offset, offset + sizeBytes);
}

function writeLarge(path: string, file: number, sizeBytes: number): void {
  const descriptor = openSync(path, 'w');
  for (let writtenBytes = 0; writtenBytes < sizeBytes; writtenBytes += CHUNK_BYTES) {
    writeSync(descriptor, cut(file * 7919 + writtenBytes / CHUNK_BYTES, CHUNK_BYTES));
  }
  closeSync(descriptor);
}
