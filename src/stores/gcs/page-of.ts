import type { ByteString } from '../../transfers/byte-string.ts';
import { failureCauseOf } from '../../transfers/object-failure.ts';
import type { ListNote, ListPage } from '../../transfers/object-store.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import { withNotes } from '../../transfers/selection/with-notes.ts';
import { failedNote, listedFailure } from '../web/listed-failure.ts';
import { NAME_SIZE_BYTES_MAX, type GcsPlace } from './gcs-place.ts';
import { recordOf, type GcsResource } from './gcs-resource.ts';

/**
 * One page of a listing in columns. What was asked for by text may be more than what is wanted: `startOffset` is inclusive, and a
 * prefix or a start may end within a character.
 */
export function pageOf(
  items: readonly GcsResource[],
  place: GcsPlace,
  prefix: ByteString,
  startAfter: ByteString | undefined,
): ListPage {
  const records: ObjectRecord[] = [];
  const notes: ListNote[] = [];
  for (const item of items) {
    const key = place.keyOf(item.name ?? '');
    if (key?.startsWith(prefix) !== true || (startAfter !== undefined && key <= startAfter)) continue;
    const told = listed(item, key, place);
    if ('kind' in told) notes.push(told);
    else records.push(told);
  }
  const column = <T>(value: (record: ObjectRecord) => T): readonly T[] => records.map(value);
  const page: ListPage = {
    keys: column(({ key }) => key),
    sizesBytes: column(({ sizeBytes }) => sizeBytes),
    modifyTimesMs: column(({ modifyTimeMs }) => modifyTimeMs),
    crc32cs: column((record) => record.crc32c),
    md5s: column(({ md5 }) => md5),
    etags: column(({ etag }) => etag),
    metadata: column(({ metadata }) => metadata),
    notes: [],
    noteIndexes: [],
  };
  return withNotes(page, notes);
}

/** What is wrong with one object is a failure of that one. */
function listed(item: GcsResource, key: ByteString, place: GcsPlace): ObjectRecord | ListNote {
  const object = { key, nameBytes: place.nameBytesOf(key), sizeBytes: Number(item.size ?? NaN) };
  const note = listedFailure(object, { resource: place.resource, nameBytesMax: NAME_SIZE_BYTES_MAX });
  if (note !== undefined) return note;
  try {
    return recordOf(item, key);
  } catch (error) {
    return failedNote(key, failureCauseOf(error));
  }
}
