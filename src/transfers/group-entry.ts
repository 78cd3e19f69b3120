import type { ByteString } from './byte-string.ts';
import type { PlannedObject, StagedObject } from './copier.ts';
import { ByteReader, ByteWriter, sharedLength } from './entry-bytes.ts';
import { stagingName } from './staging-name.ts';

/**
 * What the journal holds before a group's staging files are created: enough to find each of them, and to tell afterwards which
 * objects were published.
 */
export interface GroupEntry {
  /** Where the sink's root was: a janitor has nothing but this entry. An absolute path, or a bucket's URL; bytes. */
  readonly sinkRoot: ByteString;
  readonly objects: readonly StagedObject[];
}

/** 1 had no links, 2 no etags and uploads; entries of them may be open when a newer release begins. */
const VERSION = 3;
const VERSION_WITHOUT_ETAGS = 2;
const VERSION_WITHOUT_LINKS = 1;

/** What the entry holds beyond keys, sizes and times: a sum. */
const HAS_ETAGS = 1;
const IS_UPLOAD = 2;

/**
 * Version, root, staging prefix, what it has, count; then for each object the bytes it shares with the key before, the rest of its
 * key, its size, time, replaced version and link target, and etags where it has them. Keys come in order, so most of each is
 * shared: about 25 bytes an object.
 */
export function encodeGroupEntry(
  sinkRoot: ByteString,
  prefix: ByteString,
  objects: readonly PlannedObject[],
): Uint8Array {
  return encode({ sinkRoot, prefix, objects, isUpload: false });
}

/** The entry of one object that is staged in an upload. */
export function encodeUploadEntry(sinkRoot: ByteString, object: StagedObject): Uint8Array {
  return encode({ sinkRoot, prefix: object.uploadId ?? '', objects: [object], isUpload: true });
}

interface EntryParts {
  readonly sinkRoot: ByteString;
  /** Of staging names; the upload's id where it is one. */
  readonly prefix: ByteString;
  readonly objects: readonly PlannedObject[];
  readonly isUpload: boolean;
}

function encode({ sinkRoot, prefix, objects, isUpload }: EntryParts): Uint8Array {
  const writer = new ByteWriter();
  const hasEtags = objects.some(({ etag, replaces }) => etag !== undefined || typeof replaces === 'string');
  writer.integer(VERSION);
  writer.text(sinkRoot);
  writer.text(prefix);
  writer.integer((hasEtags ? HAS_ETAGS : 0) + (isUpload ? IS_UPLOAD : 0));
  writer.integer(objects.length);
  let before = '';
  for (const object of objects) {
    const { key, replaces } = object;
    const shared = sharedLength(before, key);
    writer.integer(shared);
    writer.text(key.slice(shared));
    writer.integer(object.sizeBytes);
    writer.double(object.modifyTimeMs);
    writer.integer(typeof replaces === 'number' ? replaces + 1 : 0);
    // No link has an empty target, and no object an empty etag.
    writer.text(object.linkTarget ?? '');
    if (hasEtags) {
      writer.text(object.etag ?? '');
      writer.text(typeof replaces === 'string' ? replaces : '');
    }
    before = key;
  }
  return writer.bytes();
}

/** @throws Error on bytes that no version of this encoded: such an entry is kept, and reported. */
export function decodeGroupEntry(bytes: Uint8Array): GroupEntry {
  const reader = new ByteReader(bytes);
  const version = reader.integer();
  if (version < VERSION_WITHOUT_LINKS || version > VERSION)
    throw new Error(`journal entry of unknown version ${version}`);
  const sinkRoot = reader.text();
  const prefix = reader.text();
  const what = version <= VERSION_WITHOUT_ETAGS ? 0 : reader.integer();
  const count = reader.integer();
  const objects: StagedObject[] = [];
  let before = '';
  for (let index = 0; index < count; index += 1) {
    const key = before.slice(0, reader.integer()) + reader.text();
    const sizeBytes = reader.integer();
    const modifyTimeMs = reader.double();
    const replaced = reader.integer();
    const linkTarget = version === VERSION_WITHOUT_LINKS ? '' : reader.text();
    const etag = (what & HAS_ETAGS) === 0 ? '' : reader.text();
    const replacedEtag = (what & HAS_ETAGS) === 0 ? '' : reader.text();
    objects.push({
      key,
      sizeBytes,
      modifyTimeMs,
      ...((what & IS_UPLOAD) === 0
        ? { stagingName: stagingName(prefix, index) }
        : { stagingName: '', uploadId: prefix }),
      ...(replaced === 0 ? {} : { replaces: replaced - 1 }),
      ...(replacedEtag === '' ? {} : { replaces: replacedEtag }),
      ...(etag === '' ? {} : { etag }),
      ...(linkTarget === '' ? {} : { linkTarget }),
    });
    before = key;
  }
  return { sinkRoot, objects };
}
