import { toByteString, toBytes } from './byte-string.ts';
import type { PendingObject, PendingPart } from './checkpoint.ts';
import type { LargeObject } from './copier.ts';
import type { UploadPart } from './object-uploads.ts';

/** A large object as the checkpoint keeps it; a clone, which has no crc32c to be checked by, as one of which nothing is staged. */
export function toPending(object: LargeObject): PendingObject {
  const { sizeBytes, modifyTimeMs, stagingName, stagedCrc32c, identity, etag, replaces, uploadId } = object;
  const stagedBytes = object.isCloned === true ? 0 : object.stagedBytes;
  const parts = object.parts ?? [];
  return {
    key: toBytes(object.key),
    sizeBytes,
    modifyTimeMs,
    modifyTimeNs: identity?.modifyTimeNs ?? 0n,
    changeTimeNs: identity?.changeTimeNs ?? 0n,
    inode: identity?.inode ?? 0n,
    stagingName,
    stagedBytes,
    stagedCrc32c,
    ...(etag === undefined ? {} : { sourceEtag: etag }),
    ...(typeof replaces === 'string' ? { replacedEtag: replaces } : {}),
    ...(uploadId === undefined ? {} : { uploadId }),
    ...(parts.length === 0 ? {} : { parts: parts.map(({ sizeBytes, crc32c, etag }) => ({ sizeBytes, crc32c, etag })) }),
  };
}

export function fromPending(object: PendingObject): LargeObject {
  const { sizeBytes, modifyTimeMs, stagingName, stagedBytes, stagedCrc32c, modifyTimeNs, changeTimeNs, inode } = object;
  const { sourceEtag, replacedEtag, uploadId, parts } = object;
  return {
    key: toByteString(object.key),
    sizeBytes,
    modifyTimeMs,
    stagingName,
    stagedBytes,
    stagedCrc32c,
    ...(inode === 0n ? {} : { identity: { inode, modifyTimeNs, changeTimeNs } }),
    ...(sourceEtag === undefined ? {} : { etag: sourceEtag }),
    ...(replacedEtag === undefined ? {} : { replaces: replacedEtag }),
    ...(uploadId === undefined ? {} : { uploadId }),
    ...(parts === undefined ? {} : { parts: inPlace(parts) }),
  };
}

function inPlace(parts: readonly PendingPart[]): readonly UploadPart[] {
  let offsetBytes = 0;
  return parts.map((part, index) => {
    const placed = { ...part, index, offsetBytes };
    offsetBytes += part.sizeBytes;
    return placed;
  });
}
