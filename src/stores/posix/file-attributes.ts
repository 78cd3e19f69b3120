import { fchmodSync, fchownSync, fstatSync, lchownSync, lstatSync, type PathLike, type Stats } from 'node:fs';
import { Code } from '../../core/code.ts';
import {
  hasAttributes,
  isSameAttributes,
  LENDING_BITS,
  wantedAttributes,
  type FileAttributes,
  type PreservedMetadata,
} from '../../transfers/posix-metadata.ts';
import { errnoOf, ObjectError } from './errno.ts';

/** stat(2): the type of the file is in the bits above. */
const MODE_BITS = 0o7777;

export function attributesOf({ mode, uid, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>): FileAttributes {
  return { mode: mode & MODE_BITS, uid, gid };
}

/** Of new directories: where the source's mode is to come, nobody else looks into one before it has. */
export function makeModeOf({ mode }: PreservedMetadata): number {
  return mode ? 0o700 : 0o777;
}

/**
 * Gives an open file, or directory, what of the source's attributes is preserved. Safe to repeat.
 *
 * @throws ObjectError PERMISSION_DENIED where this process may not, or where the system takes setuid or setgid back.
 */
export function setAttributes(file: number, source: FileAttributes, preserved: PreservedMetadata): void {
  if (!hasAttributes(preserved)) return;
  const before = attributesOf(fstatSync(file));
  const wanted = wantedAttributes(source, before, preserved);
  if (isSameAttributes(before, wanted)) return;
  if (before.uid !== wanted.uid || before.gid !== wanted.gid) {
    setOwner(wanted, () => {
      fchownSync(file, wanted.uid, wanted.gid);
    });
  }
  // After the owner, whose change clears setuid and setgid.
  if (preserved.mode) setMode(file, wanted.mode);
}

/** As setAttributes, of a symbolic link by its path: it has no mode of its own, and cannot be opened. */
export function setLinkAttributes(path: PathLike, source: FileAttributes, preserved: PreservedMetadata): void {
  if (!preserved.uid && !preserved.gid) return;
  const before = attributesOf(lstatSync(path));
  const { uid, gid } = wantedAttributes(source, before, preserved);
  if (before.uid === uid && before.gid === gid) return;
  setOwner({ uid, gid }, () => {
    lchownSync(path, uid, gid);
  });
}

function setOwner({ uid, gid }: Pick<FileAttributes, 'uid' | 'gid'>, set: () => void): void {
  try {
    set();
  } catch (error) {
    // EINVAL: the id does not exist in this process's user namespace.
    if (errnoOf(error) !== 'EPERM' && errnoOf(error) !== 'EINVAL') throw error;
    throw denied(
      `set owner ${String(uid)}:${String(gid)}: ${errnoOf(error) ?? ''}, not permitted`,
      'uid and gid',
      error,
    );
  }
}

/** chmod(2): without privilege "the S_ISGID bit will be turned off" for a group that is none of the caller's, without an error. */
function setMode(file: number, mode: number): void {
  try {
    fchmodSync(file, mode);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error;
    throw denied(`set mode ${mode.toString(8)}: EPERM, not permitted`, 'mode', error);
  }
  if ((mode & LENDING_BITS) === 0 || attributesOf(fstatSync(file)).mode === mode) return;
  throw denied(`set mode ${mode.toString(8)}: the system takes setuid or setgid back`, 'mode');
}

function denied(what: string, options: string, cause?: unknown): ObjectError {
  const advice = `run the sidecar as root, or leave ${options} out of metadata_options`;
  const error = new ObjectError({ code: Code.PERMISSION_DENIED, detail: `${what}; ${advice}` });
  error.cause = cause;
  return error;
}
