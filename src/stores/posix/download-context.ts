import type { TransferLimits } from '../../transfers/limits.ts';
import { originalTimeMs } from '../../transfers/provenance.ts';
import type { PlannedObject } from '../../transfers/copier.ts';
import { sourceErrorOf } from '../../transfers/object-copy/copy-ends.ts';
import type { FlowLimit } from '../../transfers/object-copy/flow-limit.ts';
import { SourceBody, type ByteRange } from '../../transfers/object-copy/source-body.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { ObjectStore } from '../../transfers/object-store.ts';
import type { PreservedMetadata } from '../../transfers/posix-metadata.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { writeFull } from './regular-file.ts';

/** What downloads into a directory tree work with. */
export interface DownloadContext {
  readonly source: ObjectStore;
  readonly sink: DirectoryTree;
  readonly limits: TransferLimits;
  readonly metadata: PreservedMetadata;
  /** Of all downloads together. */
  readonly flow: FlowLimit;
}

export interface DownloadedPart {
  readonly object: PlannedObject;
  /** The whole object unless given. */
  readonly range?: ByteRange;
}

/**
 * Opens an object's body and lets it be used; closes it whatever happens.
 *
 * @throws what `use` throws; for what the source fails with, what that means for the object (see sourceErrorOf); the signal's reason.
 */
export async function withBody<Result>(
  { object, range }: DownloadedPart,
  { source }: DownloadContext,
  signal: AbortSignal,
  use: (body: SourceBody, record: ObjectRecord | undefined) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const body = new SourceBody(source, object, signal, range);
  try {
    return await use(body, await body.open());
  } catch (error) {
    signal.throwIfAborted();
    throw body.failure === undefined ? error : await sourceErrorOf({ source }, object, body.failure, signal);
  } finally {
    await body.close();
  }
}

/** Where the source's metadata says so, that of the file that the object was made of; milliseconds. */
export function timeOf({ modifyTimeMs }: PlannedObject, record: ObjectRecord | undefined): number {
  return originalTimeMs({ modifyTimeMs, metadata: record?.metadata });
}

export async function writeBody(file: number, body: AsyncIterable<Uint8Array>, offsetBytes: number): Promise<void> {
  let offset = offsetBytes;
  for await (const chunk of body) {
    writeFull(file, chunk, chunk.length, offset);
    offset += chunk.length;
  }
}
