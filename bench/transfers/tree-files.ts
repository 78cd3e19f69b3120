/** What is in a tree to be copied; the same in every process, so that a server can have one without a disk. */
import { createCipheriv } from 'node:crypto';

/** A tree to be copied. */
export interface TreeShape {
  readonly fileCount: number;
  readonly fileSizeBytes: number;
  /** One directory level; 0 = all files in the root. */
  readonly directoryCount: number;
}

export interface TreeFile {
  /** Within the tree. */
  readonly path: string;
  /** From 0; says what is in it. */
  readonly number: number;
  readonly sizeBytes: number;
}

/** All files carry it: a whole second, so that every file system keeps it exactly. */
export const MODIFY_TIME_SECONDS = 1_700_000_000;

/** Bytes that files are cut from, as good as random: no two begin at the same place, nothing compresses or is all zeros. */
const POOL = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(2 ** 24));
const CHUNK_BYTES = 2 ** 20;

export function treeFiles({ fileCount, fileSizeBytes, directoryCount }: TreeShape): readonly TreeFile[] {
  return Array.from({ length: fileCount }, (_, number) => {
    const name = `file-${String(number).padStart(7, '0')}.bin`;
    const path = directoryCount === 0 ? name : `${directoryName(number % directoryCount)}/${name}`;
    return { path, number, sizeBytes: fileSizeBytes };
  });
}

export function directoryName(directory: number): string {
  return `directory-${String(directory).padStart(5, '0')}`;
}

/** The bytes from one offset to another, in pieces of at most a mebibyte. */
export function* contentOf(
  { number, sizeBytes }: TreeFile,
  fromBytes = 0,
  toBytes = sizeBytes,
): Generator<Buffer, void> {
  const isSmall = sizeBytes <= CHUNK_BYTES;
  for (let position = fromBytes; position < toBytes;) {
    const index = Math.floor(position / CHUNK_BYTES);
    const startBytes = index * CHUNK_BYTES;
    const endBytes = Math.min(startBytes + CHUNK_BYTES, sizeBytes);
    const chunk = cut(isSmall ? number : number * 7919 + index, endBytes - startBytes);
    yield chunk.subarray(position - startBytes, toBytes - startBytes);
    position = endBytes;
  }
}

function cut(seed: number, sizeBytes: number): Buffer {
  const offset = (seed * 4099) % (POOL.length - sizeBytes);
  return POOL.subarray(offset, offset + sizeBytes);
}
