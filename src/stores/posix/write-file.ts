import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, renameSync } from 'node:fs';
import { Code } from '../../core/code.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { WriteOptions } from '../../transfers/object-store.ts';
import { NOTHING_PRESERVED } from '../../transfers/posix-metadata.ts';
import { STAGING_PREFIX } from '../../transfers/staging-name.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { directoryOf, nameOf, pathIn, withAncestors } from './file-path.ts';
import type { PosixCalls } from './posix-calls.ts';
import { closeQuietly, createStaging, removeName, setModifyTime, writeFull } from './regular-file.ts';

export interface FileWriter {
  readonly calls: PosixCalls;
  readonly tree: DirectoryTree;
  readonly durability: TransferLimits['durability'];
}

/** As ObjectStore.write: into a staging file beside the place, which takes the name when all of it is there. */
export async function writeFile(
  key: ByteString,
  body: AsyncIterable<Uint8Array>,
  options: WriteOptions,
  writer: FileWriter,
): Promise<ObjectRecord> {
  const { calls, tree } = writer;
  const { modifyTimeMs, sizeBytes: expectedBytes, signal } = options;
  const staging = `${STAGING_PREFIX}${randomUUID()}`;
  signal.throwIfAborted();
  const file = calls.do(key, 'create', () => createStaging(tree.make(directoryOf(key)), staging, NOTHING_PRESERVED));
  try {
    const sizeBytes = await writeAndClose({ key, file }, body, options, writer);
    if (expectedBytes !== undefined && sizeBytes !== expectedBytes) {
      throw calls.error(key, Code.DATA_LOSS, `${sizeBytes} bytes came of ${expectedBytes}`);
    }
    calls.do(key, 'publish', () => {
      publish(key, staging, writer);
    });
    return { key, sizeBytes, modifyTimeMs };
  } catch (error) {
    calls.do(key, 'clean up', () => removeName(tree.open(directoryOf(key)), staging));
    throw error;
  }
}

interface OpenFile {
  readonly key: ByteString;
  readonly file: number;
}

/** As writeAndClose of regular-file.ts, for a body that comes in its own time. */
async function writeAndClose(
  { key, file }: OpenFile,
  body: AsyncIterable<Uint8Array>,
  { modifyTimeMs, signal }: WriteOptions,
  { calls, durability }: FileWriter,
): Promise<number> {
  let sizeBytes: number;
  try {
    sizeBytes = await writeBody({ key, file }, body, signal, calls);
    calls.do(key, 'write', () => {
      setModifyTime(file, modifyTimeMs);
      if (durability !== 'none') fsyncSync(file);
    });
  } catch (error) {
    closeQuietly(file);
    throw error;
  }
  calls.do(key, 'close', () => {
    closeSync(file);
  });
  return sizeBytes;
}

async function writeBody(
  { key, file }: OpenFile,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  calls: PosixCalls,
): Promise<number> {
  let offset = 0;
  for await (const chunk of body) {
    signal.throwIfAborted();
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    calls.do(key, 'write', () => {
      writeFull(file, bytes, bytes.length, offset);
    });
    offset += bytes.length;
  }
  signal.throwIfAborted();
  return offset;
}

function publish(key: ByteString, staging: ByteString, { tree, durability }: FileWriter): void {
  const directory = tree.open(directoryOf(key));
  renameSync(pathIn(directory, staging), pathIn(directory, nameOf(key)));
  if (durability === 'none') return;
  for (const each of withAncestors([directoryOf(key)])) fsyncSync(tree.open(each));
}
