import { fstatSync, type BigIntStats } from 'node:fs';
import type { LargeObject, SliceOutcome, SourceIdentity } from '../../transfers/copier.ts';
import type { FileAttributes } from '../../transfers/posix-metadata.ts';
import type { CopyContext } from './copy-context.ts';
import { attributesOf } from './file-attributes.ts';
import { directoryOf, nameOf } from './file-path.ts';
import { openSource, statRegular } from './regular-file.ts';
import { asNamedNow } from './source-changed.ts';

export type ChangedSlice = Extract<SliceOutcome, { readonly kind: 'changed' }>;

export function openLarge({ source }: CopyContext, { key }: LargeObject): number {
  return openSource(source.open(directoryOf(key)), nameOf(key));
}

/** @throws ObjectError when it is not a regular file any more. */
export function statIdentity(file: number): BigIntStats {
  const stats = fstatSync(file, { bigint: true });
  if (!stats.isFile()) statRegular(file);
  return stats;
}

/** The object with which file it is, and that one's attributes. */
export function identified(object: LargeObject, stats: BigIntStats): LargeObject {
  return { ...object, identity: identityOf(stats), attributes: bigAttributesOf(stats) };
}

function bigAttributesOf({ mode, uid, gid }: BigIntStats): FileAttributes {
  return attributesOf({ mode: Number(mode), uid: Number(uid), gid: Number(gid) });
}

function identityOf(stats: BigIntStats): SourceIdentity {
  return { inode: stats.ino, modifyTimeNs: stats.mtimeNs, changeTimeNs: stats.ctimeNs };
}

/** Before the first slice only what the walk saw can be compared: size and time. */
export function isSameSource({ sizeBytes, modifyTimeMs, identity }: LargeObject, stats: BigIntStats): boolean {
  if (Number(stats.size) !== sizeBytes) return false;
  if (identity === undefined) return Math.abs(millis(stats) - modifyTimeMs) < 0.001;
  return (
    identity.inode === stats.ino && identity.modifyTimeNs === stats.mtimeNs && identity.changeTimeNs === stats.ctimeNs
  );
}

/** The source is another one than that of the staged bytes: it is begun anew, as it is open here. */
export function changed(object: LargeObject, stats: BigIntStats): ChangedSlice {
  const { key, stagingName } = object;
  return {
    kind: 'changed',
    object: {
      key,
      stagingName,
      sizeBytes: Number(stats.size),
      modifyTimeMs: millis(stats),
      stagedBytes: 0,
      stagedCrc32c: 0,
    },
  };
}

/** It changed while it was read: it is begun anew, as its name shows it now. */
export function replaced({ source }: CopyContext, object: LargeObject, stats: BigIntStats): ChangedSlice {
  return { kind: 'changed', object: asNamedNow(source, changed(object, stats).object) };
}

function millis(stats: BigIntStats): number {
  return Number(stats.mtimeNs / 1_000_000n) + Number(stats.mtimeNs % 1_000_000n) / 1e6;
}
