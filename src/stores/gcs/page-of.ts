import type { ByteString } from '../../transfers/byte-string.ts';
import type { ListPage } from '../../transfers/object-store.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { GcsPlace } from './gcs-place.ts';
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
  const records = items.flatMap((item): ObjectRecord[] => {
    const key = place.keyOf(item.name ?? '');
    const isWanted = key?.startsWith(prefix) === true && (startAfter === undefined || key > startAfter);
    return isWanted ? [recordOf(item, key)] : [];
  });
  const column = <T>(value: (record: ObjectRecord) => T): readonly T[] => records.map(value);
  return {
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
}
