import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText } from '../byte-string.ts';
import type { PlannedObject } from '../copier.ts';
import type { ObjectRecord } from '../object-record.ts';
import type { WriteOptions } from '../object-store.ts';
import { originalTimeMs } from '../provenance.ts';
import { copiedMetadata, isPlannedSource, preconditionOf, type CopiedRecord } from './copied-metadata.ts';
import { isAtSink, isChanged, sinkErrorOf, sourceErrorOf, SourceReplaced, type CopyEnds } from './copy-ends.ts';
import { SourceBody } from './source-body.ts';

/**
 * Copies one object with one read and one write; the sink shows the old one or the whole new one.
 *
 * @throws SourceReplaced when the source is another one now; StatusError NOT_FOUND when it has gone, FAILED_PRECONDITION
 *   (SINK_CHANGED) when somebody else was faster, DATA_LOSS when checksums differ; `signal.reason` after an abort.
 */
export async function copyWhole(ends: CopyEnds, object: PlannedObject, signal: AbortSignal): Promise<void> {
  const body = new SourceBody(ends.source, object, signal);
  try {
    const record = await body.open();
    const options = writeOptionsOf(ends, object, { record, signal });
    const written = await ends.sink.write(object.key, body.stream(), options);
    if (written.crc32c !== undefined && written.crc32c !== body.crc32c) await removeDamaged(ends, written, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (body.failure !== undefined) throw await sourceErrorOf(ends, object, body.failure, signal);
    if (isChanged(error) && (await isAtSink(ends, object, signal))) return;
    throw sinkErrorOf(object, error);
  } finally {
    await body.close();
  }
}

/**
 * Copies one object within the sink's service.
 *
 * @returns false, at once, when the source is out of its reach.
 * @throws as copyWhole.
 */
export async function copyWithin(
  ends: CopyEnds,
  object: PlannedObject,
  record: ObjectRecord,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isPlannedSource(record, object)) throw new SourceReplaced(record);
  const options = writeOptionsOf(ends, object, { record, signal });
  const copying = ends.sink.copyObject?.(ends.source, record, object.key, options);
  if (copying === undefined) return false;
  try {
    await copying;
  } catch (error) {
    signal.throwIfAborted();
    if (!isChanged(error)) throw error;
    if (await isAtSink(ends, object, signal)) return true;
    const cause = await sourceErrorOf(ends, object, error, signal);
    throw cause === error ? sinkErrorOf(object, error) : cause;
  }
  return true;
}

/** What the sink is told of the object, and what it must still show when it is written. */
export function writeOptionsOf(
  { sink, kept }: CopyEnds,
  object: PlannedObject,
  { record, signal }: { readonly record: CopiedRecord | undefined; readonly signal: AbortSignal },
): WriteOptions & { readonly sizeBytes: number } {
  const precondition = preconditionOf(object, sink.capabilities);
  return {
    modifyTimeMs: originalTimeMs({ modifyTimeMs: object.modifyTimeMs, metadata: record?.metadata }),
    sizeBytes: object.sizeBytes,
    metadata: copiedMetadata(record, object, kept),
    ...(precondition === undefined ? {} : { precondition }),
    signal,
  };
}

/** Better nothing than something that is not the source: what was there before is gone already. */
async function removeDamaged({ sink }: CopyEnds, written: ObjectRecord, signal: AbortSignal): Promise<never> {
  const { key } = written;
  await sink.delete(key, signal, { expect: written });
  const message = `${displayText(key)}: the sink's checksum is not that of what was sent; it was removed there`;
  throw new StatusError(Code.DATA_LOSS, message, { reason: 'SINK_DAMAGED' });
}
