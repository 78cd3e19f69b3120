import { readFileSync } from 'node:fs';
import { toldAttributes } from '../../transfers/attribute-pairs.ts';
import type { ObjectMetadata } from '../../transfers/object-metadata.ts';
import { hasAttributes, type PreservedMetadata } from '../../transfers/posix-metadata.ts';
import { setAttributes } from './file-attributes.ts';
import { FILE_MODE } from './regular-file.ts';

/** No user and no group: whose rights a mode lends is not known then, and setuid and setgid are withheld. */
const UNKNOWN_ID = -1;

/**
 * Gives an open file what its object tells of the file that it was made of, as far as that is preserved. What it does not tell is as in
 * any new file.
 *
 * @throws ObjectError as setAttributes.
 */
export function restoreAttributes(
  file: number,
  metadata: ObjectMetadata | undefined,
  preserved: PreservedMetadata,
): void {
  if (!hasAttributes(preserved)) return;
  const { mode = preserved.mode ? newFileMode() : 0, uid, gid } = toldAttributes(metadata);
  setAttributes(
    file,
    { mode, uid: uid ?? UNKNOWN_ID, gid: gid ?? UNKNOWN_ID },
    { ...preserved, uid: preserved.uid && uid !== undefined, gid: preserved.gid && gid !== undefined },
  );
}

let umask: number | undefined;

/** process.umask() sets the mask to 0 for a moment, in which other threads make files. */
function newFileMode(): number {
  umask ??= Number.parseInt(/^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '077', 8);
  return FILE_MODE & ~umask;
}
