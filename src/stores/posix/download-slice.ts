import { closeSync } from 'node:fs';
import { Code } from '../../core/code.ts';
import { eachBounded } from '../../core/each-bounded.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import type { LargeObject } from '../../transfers/copier.ts';
import { isPlannedSource } from '../../transfers/object-copy/copied-metadata.ts';
import { SourceReplaced } from '../../transfers/object-copy/copy-ends.ts';
import { combineCrc32c } from '../../transfers/object-copy/crc32c-combine.ts';
import { partsBetween } from '../../transfers/object-copy/part-size.ts';
import type { ByteRange } from '../../transfers/object-copy/source-body.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import { timeOf, withBody, writeBody, type DownloadContext } from './download-context.ts';
import { directoryOf } from './file-path.ts';
import { reopenStaging, setModifyTime } from './regular-file.ts';
import { restoreAttributes } from './restore-attributes.ts';

export interface SliceControl {
  readonly signal: AbortSignal;
  /** Whether no range is to be begun any more. */
  readonly isDraining: () => boolean;
}

/**
 * The next slice of a large object into its staging file, which is there; with the last one it gets its time and its attributes.
 *
 * @returns how far it is now.
 * @throws SourceReplaced; StatusError NOT_FOUND (reason OBJECT_GONE), DATA_LOSS (reason SOURCE_DAMAGED), and as withBody.
 */
export async function downloadSlice(
  object: LargeObject,
  context: DownloadContext,
  control: SliceControl,
): Promise<LargeObject> {
  const file = reopenStaging(context.sink.open(directoryOf(object.key)), object.stagingName);
  try {
    const staged = await downloadRanges(object, file, context, control);
    if (staged.stagedBytes < staged.sizeBytes) return staged;
    const record = await verified(staged, context, control.signal);
    setModifyTime(file, timeOf(staged, record));
    restoreAttributes(file, record.metadata, context.metadata);
    return staged;
  } finally {
    closeSync(file);
  }
}

/** A slice in ranges, several side by side. They begin in order and all that begin are finished: no holes. */
async function downloadRanges(
  object: LargeObject,
  file: number,
  context: DownloadContext,
  { signal, isDraining }: SliceControl,
): Promise<LargeObject> {
  const { sliceSizeBytes, rangeSizeBytes, partsInFlightMax, chunkSizeBytes } = context.limits;
  const { stagedBytes, sizeBytes } = object;
  const endBytes = stagedBytes + Math.max(sliceSizeBytes, rangeSizeBytes);
  const ranges = partsBetween({ startBytes: stagedBytes, endBytes, sizeBytes }, rangeSizeBytes);
  const crcs: number[] = [];
  await eachBounded(ranges, partsInFlightMax, async (range, place) => {
    if (isDraining()) return;
    // What has come is written before more is asked for: no more than a chunk of it is held.
    const heldBytes = Math.min(range.lengthBytes, chunkSizeBytes);
    crcs[place] = await context.flow.run(heldBytes, signal, () => {
      return withBody({ object, range }, context, signal, async (body) => {
        await writeBody(file, body.stream(), range.offsetBytes);
        return body.crc32c;
      });
    });
  });
  return advanced(object, ranges, crcs);
}

/** @param crcs  of the ranges that were downloaded. */
function advanced(object: LargeObject, ranges: readonly ByteRange[], crcs: readonly number[]): LargeObject {
  let staged = object;
  for (const [place, crc] of crcs.entries()) {
    const lengthBytes = ranges[place]?.lengthBytes ?? 0;
    const stagedCrc32c = combineCrc32c(staged.stagedCrc32c, crc, lengthBytes);
    staged = { ...staged, stagedBytes: staged.stagedBytes + lengthBytes, stagedCrc32c };
  }
  return staged;
}

/** The source is still the one that was read, and the bytes are those that it has a checksum of. */
async function verified(object: LargeObject, { source }: DownloadContext, signal: AbortSignal): Promise<ObjectRecord> {
  const record = await source.stat(object.key, signal);
  if (record === undefined) throw gone(object.key);
  if (!isPlannedSource(record, object)) throw new SourceReplaced(record);
  if (record.crc32c === undefined || record.crc32c === object.stagedCrc32c) return record;
  const message = `${displayText(object.key)}: its bytes are not what the source's checksum says`;
  throw new StatusError(Code.DATA_LOSS, message, { reason: 'SOURCE_DAMAGED' });
}

function gone(key: ByteString): StatusError {
  return new StatusError(Code.NOT_FOUND, `${displayText(key)}: the source has gone`, { reason: 'OBJECT_GONE' });
}
