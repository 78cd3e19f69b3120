import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText } from '../byte-string.ts';
import { attributePairs } from '../attribute-pairs.ts';
import type { PlannedObject } from '../copier.ts';
import { isSameTime } from '../delta.ts';
import { linkPairs } from '../link-objects.ts';
import { NO_METADATA, type ObjectMetadata } from '../object-metadata.ts';
import type { ObjectRecord, WritePrecondition } from '../object-record.ts';
import type { StoreCapabilities } from '../object-store.ts';
import { DEFAULT_KEPT_METADATA, type KeptMetadata } from './kept-metadata.ts';
import { provenanceOf, provenancePairs } from '../provenance.ts';

/** Two stats of a file may round one time in two ways. */
const SAME_TIME_MS = 0.001;

/** What the store tells of a copy's source. */
export type CopiedRecord = Pick<ObjectRecord, 'metadata' | 'createTimeMs' | 'attributes' | 'linkTarget'>;

/** What a copy keeps of its source's metadata, and what it remembers of the source itself. */
export function copiedMetadata(
  record: CopiedRecord | undefined,
  object: PlannedObject,
  kept: KeptMetadata = DEFAULT_KEPT_METADATA,
): ObjectMetadata {
  const source = record?.metadata ?? NO_METADATA;
  const { storageClass: _class, temporaryHold, kmsKey, customTimeMs, acl, custom, ...always } = source;
  if (kept.acl && acl === undefined) throw withoutAcl(object);
  const storageClass = storageClassOf(source.storageClass, kept);
  const timeMs = kept.createTime ? (record?.createTimeMs ?? object.modifyTimeMs) : customTimeMs;
  return {
    ...always,
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(timeMs === undefined ? {} : { customTimeMs: timeMs }),
    ...(temporaryHold === undefined || !kept.temporaryHold ? {} : { temporaryHold }),
    ...(kmsKey === undefined || !kept.kmsKey ? {} : { kmsKey }),
    ...(acl === undefined || !kept.acl ? {} : { acl }),
    custom: { ...custom, ...filePairs(record, kept), ...provenancePairs(object) },
  };
}

/** A link has no mode of its own. */
function filePairs(record: CopiedRecord | undefined, { files }: KeptMetadata): Readonly<Record<string, string>> {
  const preserved = { ...files, mode: files.mode && record?.linkTarget === undefined };
  return { ...attributePairs(record?.attributes, preserved), ...linkPairs(record) };
}

/** "REGIONAL and MULTI_REGIONAL storage classes will be mapped to STANDARD to ensure they can be written to the destination bucket." */
function storageClassOf(source: string | undefined, { storageClass }: KeptMetadata): string | undefined {
  if (typeof storageClass === 'object') return storageClass.name;
  if (storageClass === 'of-sink') return undefined;
  return source === 'REGIONAL' || source === 'MULTI_REGIONAL' ? 'STANDARD' : source;
}

function withoutAcl({ key }: PlannedObject): StatusError {
  const message = `${displayText(key)}: the source does not tell its access control list; leave metadata_options.acl out, or allow storage.objects.getIamPolicy`;
  return new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'ACL_NOT_TOLD' });
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
  if (found.sizeBytes !== object.sizeBytes || found.linkTarget !== object.linkTarget) return false;
  if (object.etag !== undefined) return found.etag === object.etag;
  return isSameTime(found.modifyTimeMs, object.modifyTimeMs, SAME_TIME_MS);
}

/** The object as it is to be copied now that its source is another one. */
export function replanned<Planned extends PlannedObject>(object: Planned, found: ObjectRecord): Planned {
  const { etag: _etag, linkTarget: _target, ...rest } = object;
  const { sizeBytes, modifyTimeMs, etag, linkTarget } = found;
  return {
    ...rest,
    sizeBytes,
    modifyTimeMs,
    ...(etag === undefined || object.etag === undefined ? {} : { etag }),
    ...(linkTarget === undefined ? {} : { linkTarget }),
  } as Planned;
}
