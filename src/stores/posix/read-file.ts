import { closeSync } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { ReadOptions } from '../../transfers/object-store.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { directoryOf, nameOf } from './file-path.ts';
import { isExpectedFile, recordOf } from './file-record.ts';
import type { PosixCalls } from './posix-calls.ts';
import { openSource, readFull, statRegular } from './regular-file.ts';

export interface FileReader {
  readonly calls: PosixCalls;
  readonly tree: DirectoryTree;
  readonly chunkSizeBytes: number;
}

/** Asked for where a file should end, to see whether it has grown; so little costs no allocation of its own. */
const TAIL_BYTES = 1024;
const NO_MEMORY = Buffer.alloc(0);

/** As ObjectStore.read, of a regular file. Each chunk is only its caller's until the next one is asked for. */
export function* readFile(
  key: ByteString,
  { offsetBytes = 0, lengthBytes = Infinity, expect, onRecord, signal }: ReadOptions,
  { calls, tree, chunkSizeBytes }: FileReader,
): Generator<Uint8Array> {
  const file = calls.do(key, 'open', () => openSource(tree.open(directoryOf(key)), nameOf(key)));
  try {
    const stats = calls.do(key, 'stat', () => statRegular(file));
    if (expect !== undefined && !isExpectedFile(stats, expect)) throw calls.changed(key);
    onRecord?.(recordOf(key, stats));
    let memory = NO_MEMORY;
    for (let offset = offsetBytes; ;) {
      signal.throwIfAborted();
      const restBytes = Math.max(stats.size - offset, TAIL_BYTES);
      const wantedBytes = Math.min(chunkSizeBytes, restBytes, offsetBytes + lengthBytes - offset);
      // Whoever asks for more has done with the last one.
      if (memory.length < wantedBytes) memory = Buffer.allocUnsafe(wantedBytes);
      const chunk = memory.subarray(0, wantedBytes);
      const length = calls.do(key, 'read', () => readFull(file, chunk, chunk.length, offset));
      if (length === 0) return;
      yield chunk.subarray(0, length);
      offset += length;
    }
  } finally {
    closeSync(file);
  }
}
