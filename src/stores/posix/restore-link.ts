import { symlinkSync } from 'node:fs';
import { toldAttributes } from '../../transfers/attribute-pairs.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import { Code } from '../../core/code.ts';
import type { ObjectMetadata } from '../../transfers/object-metadata.ts';
import type { PreservedMetadata } from '../../transfers/posix-metadata.ts';
import { ObjectError } from './errno.ts';
import { setLinkAttributes } from './file-attributes.ts';
import { filePath, pathIn } from './file-path.ts';
import { removeName } from './regular-file.ts';
import { setLinkTime } from './symbolic-link.ts';

export interface RestoredLink {
  /** Any bytes; never resolved. */
  readonly target: ByteString;
  readonly modifyTimeMs: number;
  /** Of its object. */
  readonly metadata: ObjectMetadata | undefined;
}

/**
 * Makes a symbolic link in an open directory, with its time and with the owner that its object tells; leaves nothing when it throws.
 *
 * @throws ObjectError INVALID_ARGUMENT for a target that no link can have; as setLinkAttributes.
 */
export function restoreLink(
  directory: number,
  name: ByteString,
  { target, modifyTimeMs, metadata }: RestoredLink,
  preserved: PreservedMetadata,
): void {
  if (target.includes('\0')) {
    throw new ObjectError({ code: Code.INVALID_ARGUMENT, detail: 'make link: its object is no target of a link' });
  }
  const path = pathIn(directory, name);
  symlinkSync(filePath(target), path);
  try {
    setLinkTime(path, modifyTimeMs);
    const { uid, gid } = toldAttributes(metadata);
    const told = { ...preserved, uid: preserved.uid && uid !== undefined, gid: preserved.gid && gid !== undefined };
    setLinkAttributes(path, { mode: 0, uid: uid ?? 0, gid: gid ?? 0 }, told);
  } catch (error) {
    removeName(directory, name);
    throw error;
  }
}
