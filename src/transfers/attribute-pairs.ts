/**
 * What an object in a bucket tells of the file that it was made of, under the names that Storage Transfer Service documents
 * ("Metadata preservation", POSIX file system transfers) and gsutil, gcloud and s3fs read and write.
 */
import type { ObjectMetadata } from './object-metadata.ts';
import type { FileAttributes, PreservedMetadata } from './posix-metadata.ts';

const UID = 'goog-reserved-posix-uid';
const GID = 'goog-reserved-posix-gid';
/** In octal: three digits, and a fourth before them where setuid, setgid or sticky is set. */
const MODE = 'goog-reserved-posix-mode';

/** 2^32 - 1 is chown's word for leaving it as it is. */
const ID_MAX = 2 ** 32 - 2;
const MODE_BITS = 0o7777;

/** The pairs to store with a copy of a file that has these attributes. */
export function attributePairs(
  attributes: FileAttributes | undefined,
  preserved: PreservedMetadata,
): Readonly<Record<string, string>> {
  if (attributes === undefined) return {};
  const { mode, uid, gid } = attributes;
  return {
    ...(preserved.uid ? { [UID]: String(uid) } : {}),
    ...(preserved.gid ? { [GID]: String(gid) } : {}),
    ...(preserved.mode ? { [MODE]: mode.toString(8).padStart(3, '0') } : {}),
  };
}

/** What metadata tells of a file's attributes; what it does not tell in a way that makes sense is left out. */
export function toldAttributes(metadata: ObjectMetadata | undefined): Partial<FileAttributes> {
  const custom = metadata?.custom ?? {};
  const [uid, gid, mode] = [idOf(custom[UID]), idOf(custom[GID]), modeOf(custom[MODE])];
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(mode === undefined ? {} : { mode }),
  };
}

function idOf(text: string | undefined): number | undefined {
  const id = /^\d{1,10}$/.test(text ?? '') ? Number(text) : Infinity;
  return id <= ID_MAX ? id : undefined;
}

/** Some writers have the type of the file before it, as st_mode has. */
function modeOf(text: string | undefined): number | undefined {
  return /^[0-7]{3,7}$/.test(text ?? '') ? Number.parseInt(text ?? '', 8) & MODE_BITS : undefined;
}
