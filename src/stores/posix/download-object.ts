import { fsyncSync } from 'node:fs';
import { toByteString, type ByteString } from '../../transfers/byte-string.ts';
import type { PlannedObject } from '../../transfers/copier.ts';
import { isLinkObject } from '../../transfers/link-objects.ts';
import { collected } from '../../transfers/object-copy/collected.ts';
import type { SourceBody } from '../../transfers/object-copy/source-body.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import { hasAttributes, type PreservedMetadata } from '../../transfers/posix-metadata.ts';
import { timeOf, withBody, writeBody, type DownloadContext } from './download-context.ts';
import { directoryOf } from './file-path.ts';
import type { ReceivedFile } from './receive-files.ts';
import type { ReceivedFiles } from './received-files.ts';
import { closeQuietly, createStaging, removeName, setModifyTime, writeAndClose } from './regular-file.ts';
import { restoreAttributes } from './restore-attributes.ts';
import { restoreLink } from './restore-link.ts';

/** Of one small object. */
export interface Destination {
  readonly index: number;
  readonly staging: ByteString;
  readonly received: ReceivedFiles;
}

/**
 * The whole of a small object into its staging file, with its time; leaves nothing when it throws.
 *
 * @returns false when it is only received: its bytes are right, and a thread writes them.
 */
export function downloadObject(
  object: PlannedObject,
  { index, staging, received }: Destination,
  context: DownloadContext,
  signal: AbortSignal,
): Promise<boolean> {
  const { metadata, limits } = context;
  return withBody({ object }, context, signal, async (body, record) => {
    if (record !== undefined && isLink(record, metadata)) {
      await fetchLink({ object, staging, record }, body, context);
    } else if (object.sizeBytes <= limits.receivedSizeBytesMax) {
      const content = await collected(body.stream(), Buffer.allocUnsafe(object.sizeBytes));
      received.add(receivedFile({ object, index, record }, metadata), content);
      return false;
    } else {
      await fetchFile({ object, staging, record }, body, context);
    }
    return true;
  });
}

export function isLink(record: ObjectRecord, { symlinks }: PreservedMetadata): boolean {
  return symlinks && isLinkObject(record);
}

interface Fetched<Record = ObjectRecord | undefined> {
  readonly object: PlannedObject;
  readonly record: Record;
}

function receivedFile(
  { object, index, record }: Fetched & { readonly index: number },
  preserved: PreservedMetadata,
): Omit<ReceivedFile, 'offsetBytes' | 'sizeBytes'> {
  const file = { index, key: object.key, modifyTimeMs: timeOf(object, record) };
  const metadata = hasAttributes(preserved) ? record?.metadata : undefined;
  return metadata === undefined ? file : { ...file, metadata };
}

async function fetchLink(
  { object, staging, record }: Fetched<ObjectRecord> & Pick<Destination, 'staging'>,
  body: SourceBody,
  { sink, metadata }: DownloadContext,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.stream()) chunks.push(Uint8Array.from(chunk));
  const link = {
    target: toByteString(Buffer.concat(chunks)),
    modifyTimeMs: timeOf(object, record),
    metadata: record.metadata,
  };
  restoreLink(sink.make(directoryOf(object.key)), staging, link, metadata);
}

async function fetchFile(
  { staging, ...fetched }: Fetched & Pick<Destination, 'staging'>,
  body: SourceBody,
  context: DownloadContext,
): Promise<void> {
  const directory = directoryOf(fetched.object.key);
  const file = createStaging(context.sink.make(directory), staging, context.metadata);
  try {
    await fill(file, body, fetched, context);
  } catch (error) {
    removeName(context.sink.open(directory), staging);
    throw error;
  }
}

/** Writes a staging file, and closes it whatever happens. */
async function fill(
  file: number,
  body: SourceBody,
  { object, record }: Fetched,
  { metadata, limits }: DownloadContext,
): Promise<void> {
  try {
    await writeBody(file, body.stream(), 0);
  } catch (error) {
    closeQuietly(file);
    throw error;
  }
  writeAndClose(file, () => {
    setModifyTime(file, timeOf(object, record));
    restoreAttributes(file, record?.metadata, metadata);
    if (limits.durability === 'file') fsyncSync(file);
  });
}
