/**
 * What of a file's POSIX metadata its copy gets, as rules without I/O. Modification times are always kept.
 */

/** transfer_types.proto, MetadataOptions: what is preserved, each false by default. */
export interface PreservedMetadata {
  readonly mode: boolean;
  /** By number; names of users are never looked up. */
  readonly uid: boolean;
  readonly gid: boolean;
  /** Links are copied as links, with their targets as they are; otherwise they are left alone. */
  readonly symlinks: boolean;
}

export const NOTHING_PRESERVED: PreservedMetadata = { mode: false, uid: false, gid: false, symlinks: false };

/** Whether files and directories are to be looked at for it. */
export function hasAttributes({ mode, uid, gid }: PreservedMetadata): boolean {
  return mode || uid || gid;
}

export interface FileAttributes {
  /** Permissions with setuid, setgid and sticky: the low twelve bits of st_mode. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const SETUID = 0o4000;
const SETGID = 0o2000;

/** The two bits that lend somebody's rights. */
export const LENDING_BITS = SETUID | SETGID;

/**
 * What a copy of the source is to have in place of what it has.
 *
 * setuid and setgid are kept only where the copy belongs to the same user, or group, as the source: they lend its owner's
 * rights, and a copy that belongs to somebody else, perhaps to root, would lend theirs.
 */
export function wantedAttributes(
  source: FileAttributes,
  copy: FileAttributes,
  preserved: PreservedMetadata,
): FileAttributes {
  const uid = preserved.uid ? source.uid : copy.uid;
  const gid = preserved.gid ? source.gid : copy.gid;
  if (!preserved.mode) return { mode: copy.mode, uid, gid };
  const withheld = (uid === source.uid ? 0 : SETUID) | (gid === source.gid ? 0 : SETGID);
  return { mode: source.mode & ~withheld, uid, gid };
}

export function isSameAttributes(a: FileAttributes, b: FileAttributes): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}
