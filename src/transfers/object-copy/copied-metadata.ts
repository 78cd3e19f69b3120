import type { PlannedObject } from '../copier.ts';
import { isSameTime } from '../delta.ts';
import { NO_METADATA, type ObjectMetadata } from '../object-metadata.ts';
import type { ObjectRecord, WritePrecondition } from '../object-record.ts';
import type { StoreCapabilities } from '../object-store.ts';
import { provenanceOf, provenancePairs } from '../provenance.ts';

/** Two stats of a file may round one time in two ways. */
const SAME_TIME_MS = 0.001;

/**
 * What a copy keeps of its source's metadata, and what it remembers of the source itself.
 *
 * MetadataOptions' defaults: temporary holds are kept, storage class and key are the sink's own.
 */
export function copiedMetadata(source: ObjectMetadata | undefined, object: PlannedObject): ObjectMetadata {
  const { storageClass: _class, kmsKey: _key, custom, ...kept } = source ?? NO_METADATA;
  return { ...kept, custom: { ...custom, ...provenancePairs(object) } };
}

/** Whether a record of the sink is our copy of this object, as it was planned. */
export function isCopyOf(
  found: ObjectRecord,
  object: PlannedObject,
  { assignsModifyTime }: StoreCapabilities,
): boolean {
  if (found.sizeBytes !== object.sizeBytes) return false;
  const known = provenanceOf(found.metadata);
  if (object.etag !== undefined) return known?.etag === object.etag;
  if (known?.modifyTimeMs !== undefined) return isSameTime(known.modifyTimeMs, object.modifyTimeMs, SAME_TIME_MS);
  return !assignsModifyTime && isSameTime(found.modifyTimeMs, object.modifyTimeMs, SAME_TIME_MS);
}

/** The sink must still show what the decision to copy saw. */
export function preconditionOf(
  { replaces }: PlannedObject,
  { preconditions }: StoreCapabilities,
): WritePrecondition | undefined {
  const wanted: WritePrecondition =
    typeof replaces === 'string' ? { kind: 'etag', etag: replaces } : { kind: 'absent' };
  return preconditions.includes(wanted.kind) ? wanted : undefined;
}

/** Whether the source is still what was planned. */
export function isPlannedSource(found: ObjectRecord, object: PlannedObject): boolean {
  if (found.sizeBytes !== object.sizeBytes) return false;
  if (object.etag !== undefined) return found.etag === object.etag;
  return isSameTime(found.modifyTimeMs, object.modifyTimeMs, SAME_TIME_MS);
}

/** The object as it is to be copied now that its source is another one. */
export function replanned<Planned extends PlannedObject>(object: Planned, found: ObjectRecord): Planned {
  const { etag: _etag, ...rest } = object;
  const { sizeBytes, modifyTimeMs, etag } = found;
  return {
    ...rest,
    sizeBytes,
    modifyTimeMs,
    ...(etag === undefined || object.etag === undefined ? {} : { etag }),
  } as Planned;
}
